/** Runs over many documents in the probe page: incremental rendering at every cut, and what hostile contents become. */
import type { Page } from 'playwright-core';
import type { Probe } from './probe.ts';

declare const probe: Probe;

/** For each document: cut at every place (two pieces), and into single characters. Returns the first fault of each. */
export function everyCut(page: Page, documents: readonly string[]): Promise<string[]> {
  return page.evaluate((sources) => {
    const faults: string[] = [];
    for (const source of sources) {
      const whole = probe.oneShot(source);
      const ways = [[source], [...source]];
      for (let at = 1; at < source.length; at += 1) ways.push([source.slice(0, at), source.slice(at)]);
      for (const pieces of ways) {
        const streamed = probe.pieces(pieces);
        if (streamed === whole) continue;
        const cut =
          pieces.length === 2 ? `cut at ${(pieces[0] ?? '').length.toString()}` : `${pieces.length.toString()} pieces`;
        faults.push(`${JSON.stringify(source)} ${cut}: ${probe.findFirstDifference(streamed, whole)}`);
        break;
      }
    }
    return faults;
  }, documents);
}

interface Verdict {
  readonly scripts: number;
  readonly faults: readonly string[];
}

/** Puts each document into the page, alive, whole and in pieces, and looks at what became of it. */
export function judge(page: Page, documents: readonly string[]): Promise<Verdict> {
  return page.evaluate(async (sources) => {
    const counter = window as unknown as { ran?: number; xss?: () => void };
    counter.ran ??= 0;
    counter.xss = () => {
      counter.ran = (counter.ran ?? 0) + 1;
    };
    const allowed = new Set(
      'p br hr h3 h4 h5 h6 em strong s code pre blockquote ul ol li table thead tbody tr th td span div button svg path'.split(
        ' ',
      ),
    );
    const attributes = new Set(
      'class title role tabindex type d viewBox aria-hidden aria-label start aria-sort data-href data-file data-symbol data-mark data-action'.split(
        ' ',
      ),
    );
    const faults: string[] = [];
    const globals = Object.keys(window).length;
    for (const source of sources) {
      const holder = document.createElement('div');
      document.body.append(holder);
      const middle = Math.floor(source.length / 2);
      for (const html of [probe.oneShot(source), probe.pieces([source.slice(0, middle), source.slice(middle)])]) {
        // Alive in the document, as the page shows it.
        holder.innerHTML = html;
        for (const element of holder.querySelectorAll('*')) {
          if (!allowed.has(element.localName)) faults.push(`<${element.localName}> from ${JSON.stringify(source)}`);
          for (const { name, value } of element.attributes) {
            if (!attributes.has(name)) faults.push(`${name}=${value} from ${JSON.stringify(source)}`);
            if (name === 'data-href' && !/^(?:https?:|mailto:)/i.test(value))
              faults.push(`link to ${value} from ${JSON.stringify(source)}`);
            if (name === 'data-file' && /^(?:[a-z][a-z0-9+.-]+:(?!\d)|[/\\]{2})/i.test(value))
              faults.push(`file ${value} from ${JSON.stringify(source)}`);
          }
        }
      }
      holder.remove();
    }
    if (Object.keys(window).length !== globals) faults.push('a global appeared');
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { scripts: counter.ran, faults: faults.slice(0, 10) };
  }, documents);
}
