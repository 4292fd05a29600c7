/**
 * English for zod's issues. zod/mini says "Invalid input" of everything; whoever shows an issue to a person or to an agent hands this to
 * `safeParse`. Not set for all schemas (`z.config`): what the words are must not depend on what was loaded before.
 */

import en from 'zod/v4/locales/en.js';
import type * as z from 'zod/mini';

const { localeError } = en();

/** The second argument of `safeParse`. A schema's own words come before these. */
export const inWords: z.core.ParseContext<z.core.$ZodIssue> = localeError === undefined ? {} : { error: localeError };
