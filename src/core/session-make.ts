/**
 * What a session is made and changed with, divided between the service and this machine: a description is kept here where the service has no
 * field for it, and a wish for no logging goes along with each prompt where a session cannot have it. Pure.
 */

import type { CreateSessionOptions, SecGeminiClient, SessionPatch } from './client.ts';
import { SecGeminiError } from './errors.ts';
import type { LocalFacts } from './session-local.ts';
import { type SessionOptions, checkedOptions } from './session-options.ts';

type Offers = Pick<SecGeminiClient, 'capabilities'>;

export interface DividedCreate {
  readonly forService: CreateSessionOptions;
  readonly options: SessionOptions | undefined;
  readonly facts: LocalFacts | undefined;
}

/** Throws `invalidArgument` for options that no wire can carry. */
export function divideCreate(
  { capabilities }: Offers,
  create: CreateSessionOptions,
  chosen: SessionOptions,
): DividedCreate {
  const { description, logging, ttlSeconds, ...rest } = create;
  if (ttlSeconds !== undefined && !capabilities.editTtl) throw noTtl();
  const byPrompt = logging === false && !capabilities.loggingChoice && capabilities.promptOptions === true;
  return {
    forService: {
      ...rest,
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
      ...(description === undefined || !capabilities.editDescription ? {} : { description }),
      ...(logging === undefined || byPrompt ? {} : { logging }),
    },
    options: checkedOptions(byPrompt ? { ...chosen, logging: false } : chosen),
    facts: description === undefined || capabilities.editDescription ? undefined : { description },
  };
}

/** `forService` is undefined when nothing is left for it to change. */
export function dividePatch(
  { capabilities }: Offers,
  patch: SessionPatch,
): { readonly forService: SessionPatch | undefined; readonly facts: LocalFacts | undefined } {
  const { description, ...rest } = patch;
  if (rest.ttlSeconds !== undefined && !capabilities.editTtl) throw noTtl();
  const keptHere = description !== undefined && !capabilities.editDescription;
  const forService = keptHere ? rest : patch;
  const isEmpty = Object.values(forService).every((value) => value === undefined);
  return { forService: isEmpty ? undefined : forService, facts: keptHere ? { description } : undefined };
}

function noTtl(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'This service itself decides how long it keeps a session.', {
    action: 'Leave the time to live away.',
  });
}
