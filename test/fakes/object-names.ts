/** Names that `object[name]` finds on every plain object, although nobody put them there. */
export const OBJECT_NAMES = ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty'] as const;
