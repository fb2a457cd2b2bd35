import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenWorks } from '../src/open-works';

const LOAD = { node: 1, product: 3, millis: null } as const;

test('a load goes on from its begin to its end', () => {
  const works = new OpenWorks();
  works.take({ ...LOAD, what: 'load', at: 100 });
  assert.equal([...works.during(50)].length, 0);
  assert.equal([...works.during(150)].length, 1);
  works.take({ ...LOAD, what: 'loaded', at: 200 });
  assert.equal([...works.during(150)].length, 1);
  assert.equal([...works.during(200)].length, 0);
});

test('what a killed process began ends with it', () => {
  const works = new OpenWorks();
  works.take({ ...LOAD, what: 'lock wait', at: 100 });
  works.take({ ...LOAD, node: 2, what: 'lock wait', at: 100 });
  works.end(1, 150);
  assert.deepEqual(
    [...works.during(160)].map(({ node }) => node),
    [2],
  );
});

test('works that never end do not pile up', () => {
  const works = new OpenWorks();
  for (let product = 0; product < 10_000; product++) {
    works.take({ ...LOAD, product, what: 'load', at: 0 });
  }
  assert.ok([...works.during(1)].length < 1000);
});
