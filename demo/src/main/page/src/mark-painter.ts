import type { LaneBox } from './lanes';
import type { Mark } from './marks';
import type { OpenWork } from './open-works';
import { colour } from './theme';
import { colourOf, VERSION_COLOURS } from './versions';

/** The colours of the theme of the moment, as a canvas needs them. */
export interface Palette {
  versions: readonly string[];
  ink: string;
  other: string;
  wrong: string;
  line: string;
  panel: string;
  hatch: string;
}

export function readPalette(): Palette {
  return {
    versions: Array.from({ length: VERSION_COLOURS }, (_, place) => colour(`version-${place}`)),
    ink: colour('ink'),
    other: colour('other'),
    wrong: colour('wrong'),
    line: colour('line'),
    panel: colour('panel'),
    hatch: colour('hatch'),
  };
}

/** Stripes for the time in which a process does not run. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  palette: Palette,
  scale: number,
): CanvasPattern | string {
  const size = Math.round(6 * scale);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const stripes = tile.getContext('2d')!;
  stripes.strokeStyle = palette.hatch;
  stripes.lineWidth = 1.5 * scale;
  for (const shift of [-size, 0, size]) {
    stripes.moveTo(shift, size);
    stripes.lineTo(shift + size, 0);
  }
  stripes.stroke();
  return context.createPattern(tile, 'repeat') ?? palette.hatch;
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, reach: number): void {
  context.beginPath();
  context.moveTo(x - reach, y - reach);
  context.lineTo(x + reach, y + reach);
  context.moveTo(x + reach, y - reach);
  context.lineTo(x - reach, y + reach);
  context.stroke();
}

/** How far a mark may reach over its time on both sides, in pixels of the style sheet. */
export const OVERHANG = 7;

/**
 * Draws a mark.
 *
 * @param x where its time begins, in pixels of the canvas
 * @param width how long it lasts, likewise
 * @param scale pixels of the canvas for one of the style sheet
 * @param chosen whether it is of the product that the page is about
 */
export function drawMark(
  context: CanvasRenderingContext2D,
  palette: Palette,
  mark: Mark,
  box: LaneBox,
  x: number,
  width: number,
  scale: number,
  chosen: boolean,
): void {
  const height = box.height * scale;
  const base = box.top * scale + height - scale;
  const middle = base - 0.42 * height;
  const end = x + width;
  const fill =
    chosen && mark.position !== null ? palette.versions[colourOf(mark.position)]! : palette.other;
  context.fillStyle = fill;
  switch (mark.shape) {
    case 'hit': {
      const tall = (chosen ? 0.58 : 0.26) * height;
      context.fillRect(x, base - tall, (chosen ? 2 : 1) * scale, tall);
      break;
    }
    case 'wait':
      context.fillRect(x, middle - scale, Math.max(width, scale), 2 * scale);
      context.fillRect(end - 2 * scale, base - 0.58 * height, 2 * scale, 0.58 * height);
      break;
    case 'load':
      context.fillRect(x, base - 0.72 * height, Math.max(width, 4 * scale), 0.72 * height);
      break;
    case 'write': {
      const top = base - 0.86 * height;
      context.fillRect(end - 1.5 * scale, top, 3 * scale, base - top);
      context.beginPath();
      context.moveTo(end - 5 * scale, top);
      context.lineTo(end + 5 * scale, top);
      context.lineTo(end, top + 6 * scale);
      context.fill();
      break;
    }
    case 'failed':
      context.strokeStyle = chosen ? palette.ink : palette.other;
      context.lineWidth = 1.5 * scale;
      context.beginPath();
      context.arc(end, middle, 3 * scale, 0, 2 * Math.PI);
      context.stroke();
      break;
    case 'refused': {
      const reach = 4.5 * scale;
      context.fillStyle = palette.panel;
      context.fillRect(end - reach, middle - reach, 2 * reach, 2 * reach);
      context.strokeStyle = palette.ink;
      context.lineWidth = 1.25 * scale;
      context.strokeRect(end - reach, middle - reach, 2 * reach, 2 * reach);
      cross(context, end, middle, 0.6 * reach);
      break;
    }
  }
}

/**
 * Draws what marks a wrong answer.
 *
 * @param crossed whether there is room for a cross; else it is underlined only
 */
export function drawObjection(
  context: CanvasRenderingContext2D,
  palette: Palette,
  box: LaneBox,
  end: number,
  scale: number,
  crossed: boolean,
): void {
  const height = box.height * scale;
  const base = box.top * scale + height - scale;
  context.fillStyle = palette.wrong;
  context.fillRect(end - scale, base - 2 * scale, 3 * scale, 3 * scale);
  if (crossed) {
    const middle = base - 0.5 * height;
    const reach = 3.5 * scale;
    context.strokeStyle = palette.panel;
    context.lineWidth = 4.5 * scale;
    cross(context, end, middle, reach);
    context.strokeStyle = palette.wrong;
    context.lineWidth = 2 * scale;
    cross(context, end, middle, reach);
  }
}

/** Draws the outline of a load or a wait that goes on. */
export function drawOpenWork(
  context: CanvasRenderingContext2D,
  palette: Palette,
  kind: OpenWork['kind'],
  box: LaneBox,
  x: number,
  width: number,
  scale: number,
): void {
  const height = box.height * scale;
  const base = box.top * scale + height - scale;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.25 * scale;
  if (kind === 'load') {
    context.strokeRect(x, base - 0.72 * height, Math.max(width, 3 * scale), 0.72 * height - scale);
  } else {
    context.setLineDash([3 * scale, 3 * scale]);
    context.beginPath();
    context.moveTo(x, base - 0.42 * height);
    context.lineTo(x + width, base - 0.42 * height);
    context.stroke();
    context.setLineDash([]);
  }
}
