/** Lists by pages. A page's token names its last item, so that what comes or goes meanwhile neither repeats nor hides another one. */

const MOST = 1000;

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

/** Where an item stands: lists are sorted by `at`, upwards or downwards. */
interface Place {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const encode = ({ id, at }: Place): string => Buffer.from(`${at}:${id}`).toString('base64url');

function decode(token: string): Place | undefined {
  const [, at, id] = /^(\d{1,16}):(.+)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  return at === undefined || id === undefined ? undefined : { id, at: Number(at) };
}

/** `limit` undefined or not positive = as many as there are, up to 1000. A token that is none gives an empty page. */
export function pageOf<T extends Place>(
  all: readonly T[],
  order: 'up' | 'down',
  limit: number | undefined,
  token: string | undefined,
): Page<T> {
  const size = limit === undefined || limit <= 0 ? MOST : Math.min(limit, MOST);
  let start = 0;
  if (token !== undefined && token !== '') {
    const place = decode(token);
    if (place === undefined) return { items: [], nextPageToken: undefined };
    const found = all.findIndex(({ id }) => id === place.id);
    // The item is gone: on with what stands where it stood.
    const beyond = all.findIndex(({ at }) => (order === 'up' ? at >= place.at : at <= place.at));
    start = found >= 0 ? found + 1 : beyond < 0 ? all.length : beyond;
  }
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const isLast = last === undefined || start + items.length >= all.length;
  return { items, nextPageToken: isLast ? undefined : encode(last) };
}
