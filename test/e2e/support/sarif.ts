// The OASIS schema of SARIF 2.1.0 (test/fixtures; taken from the npm package @microsoft/jest-sarif 1.0.0-beta.0, MIT), for logs that we write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/** Gives what is wrong with a log, in words; empty when it is valid. */
export function sarifValidator(): (log: unknown) => string {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', 'sarif-2.1.0.schema.json');
  // It is a schema of draft 4; what it uses of that means the same in later ones once its two names are gone.
  const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (log) => (validate(log) ? '' : ajv.errorsText(validate.errors));
}
