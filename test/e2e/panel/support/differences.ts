/** Short words about where two texts part, for messages of failed tests. */
export function findFirstDifference(actual: string, expected: string): string {
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at += 1;
  return `at ${at.toString()}: …${actual.slice(Math.max(0, at - 40), at + 60)}… instead of …${expected.slice(Math.max(0, at - 40), at + 60)}…`;
}
