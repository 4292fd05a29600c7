/** Events of Windows as XML (wevtutil, Get-WinEvent, the Event Viewer's export), with or without one element around them. */

import sax from 'sax';
import { type LogColumn, type LogParser, type LogRow, type LogValue, MAX_LINE } from './log-format.ts';
import { isoTime } from './times.ts';

/** Values of EventData by their names, which have a column of their own; the others are in `data`. */
const PROMOTED: Readonly<Record<string, string>> = {
  TargetUserName: 'target_user',
  SubjectUserName: 'subject_user',
  IpAddress: 'ip',
  LogonType: 'logon_type',
  WorkstationName: 'workstation',
  Status: 'status',
  NewProcessName: 'process',
  ParentProcessName: 'parent_process',
  CommandLine: 'command_line',
  ServiceName: 'service',
};

const COLUMNS: readonly LogColumn[] = [
  { name: 'time', type: 'TEXT' },
  { name: 'event_id', type: 'INTEGER' },
  { name: 'level', type: 'INTEGER', about: '1 critical, 2 error, 3 warning, 4 information' },
  { name: 'channel', type: 'TEXT' },
  { name: 'provider', type: 'TEXT' },
  { name: 'computer', type: 'TEXT' },
  { name: 'record_id', type: 'INTEGER' },
  ...Object.entries(PROMOTED).map(([given, name]): LogColumn => ({
    name,
    type: 'TEXT',
    about: `${given} of the event's data`,
  })),
  { name: 'data', type: 'TEXT', about: "all of the event's data as JSON: json_extract(data, '$.Name')" },
];

/** Of one event's data; what is beyond is left out. */
const MOST_DATA = 200;

interface Event {
  readonly line: number;
  readonly system: Map<string, string>;
  readonly data: Map<string, string>;
}

/** Feeds XML in pieces and takes whole events out. What is malformed is passed over: a broken event must not hide the others. */
class EventReader {
  readonly #parser: sax.SAXParser;
  readonly #done: LogRow[] = [];
  #event: Event | undefined;
  /** `System` or `EventData` (or `UserData`), while in it. */
  #part = '';
  #depth = 0;
  #name = '';
  #text = '';

  constructor() {
    this.#parser = new sax.SAXParser(true, { position: true, trim: false });
    // Not DOM events: sax calls what it finds under these names.
    Object.assign(this.#parser, {
      // Carries on behind it.
      onerror: () => void this.#parser.resume(),
      onopentag: ({ name, attributes }: sax.Tag) => this.#open(local(name), attributes),
      onclosetag: (name: string) => this.#close(local(name)),
      ontext: (text: string) => this.#add(text),
      oncdata: (text: string) => this.#add(text),
    } satisfies Partial<sax.SAXParser>);
    // Files without one element around the events are no XML document: this makes them one.
    this.#parser.write('<log>');
  }

  write(text: string): LogRow[] {
    // Declarations in the middle (files that were joined) are no errors worth a word.
    this.#parser.write(text.replace(/<\?xml[^>]{0,200}\?>/g, (found) => ' '.repeat(found.length)));
    return this.#done.splice(0);
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'Event') {
      this.#event = { line: this.#parser.line + 1, system: new Map(), data: new Map() };
      this.#part = '';
      this.#depth = 0;
      return;
    }
    if (this.#event === undefined) return;
    this.#depth += 1;
    this.#text = '';
    if (this.#depth === 1) {
      this.#part = name;
      return;
    }
    this.#name = this.#part === 'System' ? name : (attributes['Name'] ?? name);
    if (this.#part === 'System')
      for (const [attribute, value] of Object.entries(attributes))
        put(this.#event.system, `${name}.${attribute}`, value);
  }

  #add(text: string): void {
    if (this.#event !== undefined && this.#text.length < MAX_LINE) this.#text += text;
  }

  #close(name: string): void {
    const event = this.#event;
    if (event === undefined) return;
    if (name === 'Event') {
      this.#event = undefined;
      this.#done.push(rowOf(event));
      return;
    }
    const text = this.#text.trim();
    this.#text = '';
    if (this.#depth > 1 && text !== '')
      put(this.#part === 'System' ? event.system : event.data, this.#name, text.slice(0, MAX_LINE));
    this.#depth -= 1;
  }
}

function put(map: Map<string, string>, name: string, value: string): void {
  if (map.size >= MOST_DATA) return;
  // Data without names comes as Data, Data_2, …
  let unique = name;
  for (let n = 2; map.has(unique) && n < MOST_DATA; n += 1) unique = `${name}_${n}`;
  map.set(unique, value);
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function rowOf({ line, system, data }: Event): LogRow {
  const text = (name: string): string | null => system.get(name) ?? null;
  const number = (name: string): LogValue => {
    const value = system.get(name);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : (value ?? null);
  };
  const time = system.get('TimeCreated.SystemTime');
  const words = [...data].map(([name, value]) => `${name}=${value}`).join(' ');
  return {
    line,
    raw: `${text('EventID') ?? ''} ${text('Provider.Name') ?? ''} ${text('Channel') ?? ''} ${text('Computer') ?? ''} ${words}`
      .trim()
      .slice(0, MAX_LINE),
    values: [
      time === undefined ? null : (isoTime(time) ?? time),
      number('EventID'),
      number('Level'),
      text('Channel'),
      text('Provider.Name'),
      text('Computer'),
      number('EventRecordID'),
      ...Object.keys(PROMOTED).map((name): LogValue => {
        const value = data.get(name);
        return value === undefined || value === '-' ? null : value;
      }),
      data.size === 0 ? null : JSON.stringify(Object.fromEntries(data)),
    ],
  };
}

export function windowsEventsParser(): LogParser {
  return {
    format: 'windows-events',
    columns: COLUMNS,
    rows: async function* rows(chunks) {
      const reader = new EventReader();
      for await (const chunk of chunks) yield* reader.write(chunk);
    },
  };
}
