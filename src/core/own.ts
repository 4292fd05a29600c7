/**
 * What a plain object holds under a key from outside: an id, a name, a file's ending. `map['constructor']` would find an object's own part,
 * which is no entry of anybody's.
 */
export function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}
