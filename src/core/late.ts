/** Objects that are made when somebody first uses them. */

/**
 * Stands for an object until something of it is used: then `make` makes it, once. What `make` throws, that use throws, and the next tries again.
 * For objects that do nothing by themselves: nothing of them happens before.
 */
export function late<T extends object>(make: () => T): T {
  let made: T | undefined;
  return new Proxy({} as T, {
    get(_, key) {
      made ??= make();
      const value: unknown = Reflect.get(made, key);
      // Private fields are the object's own, not its stand-in's.
      return typeof value === 'function' ? (value.bind(made) as unknown) : value;
    },
  });
}
