/** The page's own icons, drawn on a 16 x 16 grid as strokes in the colour of the text. No icon ever comes from the service (trust.md S08). */

const PATHS = {
  send: 'M2.5 8 13.5 3 10 13.5 7.6 8.7zM7.6 8.7 13.5 3',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5.5 3.8v8.4l6.5-4.2z',
  log: 'M3 4h1M6 4h7M3 8h1M6 8h7M3 12h1M6 12h7',
  progress: 'M8 2.5v3M8 10.5v3M2.5 8h3M10.5 8h3M4.1 4.1l2.1 2.1M9.8 9.8l2.1 2.1',
  warning: 'M8 2.5 14 13.2H2zM8 6.5v3.2M8 11.2v.6',
  stop: 'M4.5 4.5h7v7h-7z',
  attach: 'M12.8 7.3 7.9 12.2a2.9 2.9 0 0 1-4.1-4.1l5.3-5.3a2 2 0 0 1 2.8 2.8L6.7 10.8a1 1 0 0 1-1.4-1.4l4.6-4.6',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  copyAll: 'M5.5 4.5h8v9h-8zM3 11.5v-9h8M8 7.5h3M8 10h3',
  compare: 'M5 2.5v7M2.8 7.3 5 9.5l2.2-2.2M2.5 13h5M11 13.5v-7M8.8 8.7 11 6.5l2.2 2.2M8.5 3h5',
  insert: 'M2.5 3.5h11M2.5 12.5h11M3 8h6.5M7.5 5.8 9.7 8l-2.2 2.2',
  open: 'M9.5 2.5h4v4M13.2 2.8 7.5 8.5M11.5 9v4.5h-9v-9H7',
  save: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11',
  remove: 'M4 4l8 8M12 4l-8 8',
  down: 'M8 3v9.5M4 8.8l4 4 4-4',
  up: 'M8 13V3.5M4 7.2l4-4 4 4',
  chevron: 'M6 4l4 4-4 4',
  find: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.5 3.5',
  expand: 'M4.5 6 8 2.5 11.5 6M4.5 10 8 13.5 11.5 10',
  collapse: 'M4.5 2.5 8 6 11.5 2.5M4.5 13.5 8 10 11.5 13.5',
  edit: 'M3 13l.6-2.8 7-7a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7l-7 7zM9.5 4.3l2.2 2.2',
  fork: 'M4.5 2.5v4a3 3 0 0 0 3 3h1a3 3 0 0 1 3 3v1M11.5 2.5v2a5 5 0 0 1-5 5M2.8 4.2l1.7-1.7 1.7 1.7M9.8 4.2l1.7-1.7 1.7 1.7',
  thumbUp:
    'M5.5 7.5 8 2.5a1.4 1.4 0 0 1 1.3 1.6L9 6.5h3.6a1 1 0 0 1 1 1.2l-.9 4.6a1 1 0 0 1-1 .8H5.5M2.5 7.5h3v5.6h-3z',
  thumbDown:
    'M5.5 8.5 8 13.5a1.4 1.4 0 0 0 1.3-1.6L9 9.5h3.6a1 1 0 0 0 1-1.2l-.9-4.6a1 1 0 0 0-1-.8H5.5M2.5 2.9h3v5.6h-3z',
  bug: 'M5 6.5a3 3 0 0 1 6 0v3.5a3 3 0 0 1-6 0zM5.8 4.2 4.5 2.5M10.2 4.2l1.3-1.7M5 7.5H2M14 7.5h-3M5 10.5l-2.5 2M11 10.5l2.5 2',
  rewind: 'M7.5 4v8L2.5 8zM13.5 4v8L8.5 8z',
  transcript: 'M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2.5',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  file: 'M4 1.8h5l3.2 3.2v9.2H4zM8.8 2v3.2H12',
  tool: 'M9.8 3.2a3 3 0 0 1 3.6 3.9L11 7.5 9 5.4l.8-2.2zM9 7 3.6 12.4M9.3 3A3.6 3.6 0 0 0 8.4 6.7L2.9 12.2l1.2 1.2 5.4-5.5',
  thinking: 'M8 2.2a4 4 0 0 1 2.2 7.3v1.8H5.8V9.5A4 4 0 0 1 8 2.2zM6.3 13.6h3.4',
  error: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8v4M8 10.6v.6',
  notice: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3v4M8 4.8v.6',
  detailed: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.5 3.5M5 6h4M5 8h4',
  pin: 'M6 2.5h4M7 2.5v4L4.8 9h6.4L9 6.5v-4M8 9v4.5',
  approval: 'M8 1.8l5 1.9v4c0 3.2-2.1 5.4-5 6.5-2.9-1.1-5-3.3-5-6.5v-4zM5.8 8l1.6 1.6L10.4 6.4',
  agent: 'M8 1.8 9.5 6.5 14.2 8 9.5 9.5 8 14.2 6.5 9.5 1.8 8l4.7-1.5z',
} as const;

export type IconName = keyof typeof PATHS;

/** An SVG that is decoration: hidden from assistive technology. */
export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon icon-${name}`);
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
