/** Runs `work` for each entry, at most `limit` at the same time; the results in the order of the entries. Rejects with the first error. */
export async function inParallel<T, R>(
  limit: number,
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = Array.from({ length: entries.length });
  const rest = entries.entries();
  const worker = async (): Promise<void> => {
    for (const [index, entry] of rest) results[index] = await work(entry);
  };
  await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, worker));
  return results;
}
