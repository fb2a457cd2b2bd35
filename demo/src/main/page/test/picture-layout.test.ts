import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, type Box, layOutPicture, link } from '../src/picture-layout';

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

for (const width of [300, 480, 555, 620, 760, 1100]) {
  for (const nodes of [1, 4, 10, 14]) {
    test(`${nodes} nodes in ${width} pixels neither overlap nor leave the picture`, () => {
      const layout = layOutPicture(width, nodes);
      const boxes = [...layout.nodes, ...Object.values(layout.servers)];
      boxes.forEach((box, place) => {
        assert.ok(box.x >= 0 && box.x + box.width <= width);
        assert.ok(box.y >= 0 && box.y + box.height <= layout.height);
        assert.ok(!boxes.slice(place + 1).some((other) => overlap(box, other)));
      });
    });
  }
}

test('a link goes from the edge of a node to the edge of a server', () => {
  const layout = layOutPicture(760, 4);
  const [from, to] = link(layout, 0, 'redis');
  assert.equal(from.y, layout.nodes[0]!.y);
  assert.equal(to.y, layout.servers.redis.y + layout.servers.redis.height);
  assert.deepEqual(between([from, to], 0), from);
  assert.deepEqual(between([from, to], 1), to);
});

test('a picture takes the height that it is given, unless that is too little', () => {
  const least = layOutPicture(760, 4).height;
  assert.equal(layOutPicture(760, 4, 100).height, least);
  assert.equal(layOutPicture(760, 4, least + 80).height, least + 80);
});
