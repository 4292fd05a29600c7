/** Elements of our own drawings. Attributes are numbers and fixed words; text is text. Nothing of a service chooses a class, a colour or a link. */

const NAMESPACE = 'http://www.w3.org/2000/svg';

type Name = 'svg' | 'g' | 'line' | 'circle' | 'rect' | 'path' | 'text' | 'title';

export function svg(name: Name, attributes: Readonly<Record<string, string | number>> = {}, text = ''): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes))
    element.setAttribute(key, typeof value === 'number' ? (Math.round(value * 10) / 10).toString() : value);
  if (text !== '') element.append(text);
  return element;
}
