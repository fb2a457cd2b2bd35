import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneAt, layOut, TimeStrip } from '../src/lanes';

test('each node has a lane for each cache, and no two overlap', () => {
  const { boxes, height } = layOut([1, 2, 3]);
  assert.equal(boxes.length, 6);
  boxes.slice(1).forEach((box, place) => {
    const above = boxes[place]!;
    assert.ok(box.top >= above.top + above.height);
  });
  const last = boxes.at(-1)!;
  assert.ok(last.top + last.height <= height);
});

test('ten nodes take less than twice the height of five', () => {
  assert.ok(layOut(Array.from({ length: 10 })).height < 2 * layOut([1, 2, 3, 4, 5]).height);
});

test('a point is in the lane that is drawn there', () => {
  const lanes = layOut([1, 2]);
  for (const box of lanes.boxes) {
    assert.equal(laneAt(lanes, box.top + 1), box);
  }
  assert.equal(laneAt(lanes, lanes.titles.rival + 1), undefined);
});

test('a time has its place until its place is needed again', () => {
  const strip = new TimeStrip(1000, 30_000, 7);
  const time = 1_795_712_517_448;
  const column = strip.column(time);
  assert.equal(strip.column(time + 30_000), column + 1000);
  assert.notEqual(strip.place(column), strip.place(column + strip.width));
  assert.equal(strip.place(column), strip.place(column + strip.length));
});

test('a stretch over the end of the strip goes on at its beginning', () => {
  const strip = new TimeStrip(90, 1000, 5);
  assert.equal(strip.length, 100);
  assert.deepEqual(strip.stretches(195, 12), [
    { at: 95, width: 5, offset: 0 },
    { at: 0, width: 7, offset: 5 },
  ]);
  assert.deepEqual(strip.stretches(110, 12), [{ at: 10, width: 12, offset: 0 }]);
});

test('a stretch that is longer than the strip covers it once', () => {
  const strip = new TimeStrip(90, 1000, 5);
  const covered = strip.stretches(30, 1000).reduce((sum, { width }) => sum + width, 0);
  assert.equal(covered, strip.length);
});
