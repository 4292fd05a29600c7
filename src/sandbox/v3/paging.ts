/** Lists by pages. A page's token names its last item, so that what comes or goes meanwhile neither repeats nor hides another one. */

const MOST = 1000;

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

interface Place {
  readonly id: string;
  readonly at: number;
}

const encode = ({ id, at }: Place): string => Buffer.from(`${at}:${id}`).toString('base64url');

function decode(token: string): Place | undefined {
  const [, at, id] = /^(\d{1,9}):(.+)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  return at === undefined || id === undefined ? undefined : { id, at: Number(at) };
}

/** `limit` undefined or not positive = as many as there are, up to 1000. A token that is none gives an empty page. */
export function pageOf<T>(
  all: readonly T[],
  idOf: (item: T) => string,
  limit: number | undefined,
  token: string | undefined,
): Page<T> {
  const size = limit === undefined || limit <= 0 ? MOST : Math.min(limit, MOST);
  let start = 0;
  if (token !== undefined && token !== '') {
    const place = decode(token);
    if (place === undefined) return { items: [], nextPageToken: undefined };
    const found = all.findIndex((item) => idOf(item) === place.id);
    // The item is gone: what came after it has moved up.
    start = found < 0 ? place.at : found + 1;
  }
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const isLast = last === undefined || start + items.length >= all.length;
  return { items, nextPageToken: isLast ? undefined : encode({ id: idOf(last), at: start + items.length - 1 }) };
}
