// The four ways in which a service says no, in the same words on both protocols: what happened, and what to do.
import assert from 'node:assert/strict';
import { type ErrorCode, type SecGeminiError, describeError } from '../../../src/core/errors.ts';
import { statusError as v1Status } from '../../../src/client/v1/codec.ts';
import { httpError } from '../../../src/client/v1/http.ts';
import { httpStatusError, statusError as v3Status } from '../../../src/client/v3/errors.ts';

interface Way {
  readonly status: number;
  readonly code: ErrorCode;
  readonly errors: Readonly<Record<string, SecGeminiError>>;
  /** What the user is told to do. */
  readonly action: RegExp;
}

const WAYS: readonly Way[] = [
  {
    status: 400,
    code: 'invalidArgument',
    errors: {
      'v1 call': httpError(400, 'ttl is too short', undefined, 0),
      'v1 message': v1Status(400, 'ttl is too short'),
      v3: v3Status(3, 'ttl is too short'),
    },
    action: /Correct the named value and try again/,
  },
  {
    status: 401,
    code: 'unauthenticated',
    errors: {
      'v1 call': httpError(401, 'bad key', undefined, 0),
      'v1 message': v1Status(401, 'bad key'),
      v3: v3Status(16, 'bad key'),
      'v3 proxy': httpStatusError(401),
    },
    action: /Set the API key again/,
  },
  {
    status: 404,
    code: 'notFound',
    errors: {
      'v1 call': httpError(404, 'no such session', undefined, 0),
      'v1 message': v1Status(404, 'no such session'),
      v3: v3Status(5, 'no such session'),
    },
    action: /Refresh the sessions/,
  },
  {
    status: 500,
    code: 'unavailable',
    errors: {
      'v1 call': httpError(500, 'out of order', undefined, 0),
      'v1 message': v1Status(500, 'out of order'),
      v3: v3Status(13, 'out of order'),
      'v3 proxy': httpStatusError(500),
    },
    action: /Check the network and try again; nothing was lost|Ask again; if it stays so, send a bug report/,
  },
];

describe('what a service says no with', () => {
  for (const { status, code, errors, action } of WAYS)
    for (const [way, error] of Object.entries(errors))
      it(`${status.toString()} (${way}): its words, the service’s own, and what to do`, () => {
        assert.equal(error.code, code);
        assert.match(error.action, action);
        const shown = describeError(error);
        assert.ok(shown.endsWith(error.action) && shown.length > error.action.length + 5, shown);
        if (way !== 'v3 proxy')
          assert.match(shown, /ttl is too short|bad key|no such session|out of order/, 'what the service itself says');
        else assert.match(shown, new RegExp(status.toString()));
      });
});
