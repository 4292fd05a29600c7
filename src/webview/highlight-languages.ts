/** The lazy chunk: highlight.js core with the languages that security work meets. */

import core from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const languages = {
  ...{ bash, c, cpp, diff, go, ini, java, javascript, json, powershell, python, rust, sql, typescript, xml, yaml },
};
for (const [name, language] of Object.entries(languages)) core.registerLanguage(name, language);
core.registerAliases(['sigma', 'yml'], { languageName: 'yaml' });

/** HTML of the coloured text, or undefined for a language that is not here. The caller sanitises it. */
export function highlight(source: string, language: string): string | undefined {
  if (core.getLanguage(language) === undefined) return undefined;
  return core.highlight(source, { language, ignoreIllegals: true }).value;
}
