/** `Session 2026-11-21 12:44`, in local time, told apart from the others of the same minute. */
export function freeSessionName(now: Date, names: readonly string[]): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const base = `Session ${day} ${two(now.getHours())}:${two(now.getMinutes())}`;
  const taken = new Set(names);
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base} (${count})`;
  return name;
}
