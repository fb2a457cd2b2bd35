export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

export type ServerPlace = 'redis' | 'zookeeper' | 'postgres';

export interface PictureLayout {
  width: number;
  height: number;
  servers: Record<ServerPlace, Box>;
  nodes: Box[];
}

const SERVER_HEIGHT = 60;
const NODE_HEIGHT = 78;
const NARROW = 520;
const MARGIN = 2;
const GAP = 16;
const LONGEST_DISTANCE = 240;

/**
 * As in the drawing: the cache above, the clients in the middle, ZooKeeper below; and beside it the
 * database, which the drawing only names. It takes the height if it is enough, else more.
 */
export function layOutPicture(width: number, nodes: number, height = 0): PictureLayout {
  const narrow = width < NARROW;
  const rows = narrow && nodes > 5 ? 2 : 1;
  const perRow = Math.max(1, Math.ceil(nodes / rows));
  const rowGap = 34;
  const nodesHeight = rows * NODE_HEIGHT + (rows - 1) * rowGap;
  const boxesHeight = 2 * (MARGIN + SERVER_HEIGHT) + nodesHeight;
  const distance = Math.max(
    narrow ? 78 : 108,
    Math.min((height - boxesHeight) / 2, LONGEST_DISTANCE),
  );
  const slot = (width - 2 * MARGIN) / perRow;
  const nodeWidth = Math.min(116, slot - (narrow ? 6 : 10));
  const firstRow = MARGIN + SERVER_HEIGHT + distance;
  const nodeBoxes: Box[] = [];
  for (let place = 0; place < nodes; place++) {
    const row = Math.floor(place / perRow);
    const inRow = Math.min(perRow, nodes - row * perRow);
    const left = (width - inRow * slot) / 2;
    nodeBoxes.push({
      x: left + (place % perRow) * slot + (slot - nodeWidth) / 2,
      y: firstRow + row * (NODE_HEIGHT + rowGap),
      width: nodeWidth,
      height: NODE_HEIGHT,
    });
  }
  const below = firstRow + nodesHeight + distance;
  const belowWidth = Math.min(290, (width - 2 * MARGIN - GAP) / 2);
  const cacheWidth = Math.min(320, width - 2 * MARGIN);
  const server = (x: number, y: number, wide: number): Box => ({
    x,
    y,
    width: wide,
    height: SERVER_HEIGHT,
  });
  const outermost = MARGIN + belowWidth / 2;
  const innermost = (width - GAP - belowWidth) / 2;
  const quarter = Math.max(outermost, Math.min(0.26 * width, innermost));
  return {
    width,
    height: below + SERVER_HEIGHT + MARGIN,
    servers: {
      redis: server((width - cacheWidth) / 2, MARGIN, cacheWidth),
      zookeeper: server(quarter - belowWidth / 2, below, belowWidth),
      postgres: server(width - quarter - belowWidth / 2, below, belowWidth),
    },
    nodes: nodeBoxes,
  };
}

/** Where the link between a node and a server touches both. */
export function link(layout: PictureLayout, place: number, server: ServerPlace): [Point, Point] {
  const node = layout.nodes[place]!;
  const box = layout.servers[server];
  const share = (place + 1) / (layout.nodes.length + 1);
  const above = server === 'redis';
  const shift = server === 'zookeeper' ? -0.18 : server === 'postgres' ? 0.18 : 0;
  return [
    { x: node.x + node.width * (0.5 + shift), y: above ? node.y : node.y + node.height },
    { x: box.x + box.width * (0.08 + 0.84 * share), y: above ? box.y + box.height : box.y },
  ];
}

export function between([from, to]: readonly [Point, Point], share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
