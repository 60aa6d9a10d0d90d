import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing, LAYOUTS } from "../../../smtpedu/widgets/overview/drawing.js";
import { defined } from "../../../smtpedu/widgets/overview/overview.js";

const SAID = {
  names: ["Ann's program", "her server", "Bob's server"],
  roles: ["client", "server, then client", "server"],
  words: ["", "relaying"],
};

/** Every shape with the place of all that holds it. */
function placed([tag, attributes, ...inside], from = [0, 0]) {
  const [, ...moved] = attributes.transform?.match(/translate\((\S+) (\S+?)\)/) ?? [0, 0, 0];
  const place = [0, 1].map((n) => from[n] + Number(moved[n]));
  const shapes = inside.filter(Array.isArray).flatMap((one) => placed(one, place));
  return [{ tag, attributes, inside, place }, ...shapes];
}

const draw = (name, isRightward = true) => drawing(LAYOUTS[name], SAID, isRightward);
const all = (name, isRightward) => draw(name, isRightward).shapes.flatMap((one) => placed(one));

/** [text, x, y] of each text. */
const texts = (name, isRightward) =>
  all(name, isRightward)
    .filter(({ tag, inside }) => tag === "text" && inside[0])
    .map(({ attributes, inside, place }) => [
      inside[0],
      place[0] + attributes.x,
      place[1] + attributes.y,
    ]);

test("both layouts say the same: who, in which role, what goes there, what comes back", () => {
  const said = (name) => texts(name).map(([text]) => text);
  assert.deepEqual(said("wide"), said("tall"));
  const replies = ["✓ 250", "✓ 250"];
  const wanted = [...SAID.names, ...SAID.roles, "relaying", ...replies];
  assert.deepEqual(said("wide").toSorted(), wanted.toSorted());
  const carried = ({ attributes }) => attributes.class === "overview-carried";
  for (const name of Object.keys(LAYOUTS)) assert.equal(all(name).filter(carried).length, 2, name);
});

test("who writes from the right sees every place mirrored, and nothing else changed", () => {
  for (const [name, { size }] of Object.entries(LAYOUTS)) {
    const mirrored = ([text, x, y]) => [text, size[0] - x, y];
    assert.deepEqual(texts(name, false), texts(name).map(mirrored), name);
    const { places } = draw(name);
    assert.deepEqual(
      draw(name, false).places,
      places.map(([x, y]) => [size[0] - x, y]),
    );
  }
});

test("messages go from Ann to Bob and replies come back, in either direction of writing", () => {
  const heads = (name, isRightward) =>
    all(name, isRightward)
      .filter(({ attributes }) => attributes.class === "overview-head")
      .map(({ attributes }) => Math.abs(attributes.transform.match(/rotate\((\S+)\)/)[1]));
  assert.deepEqual(heads("wide"), [0, 180, 0, 180]);
  assert.deepEqual(heads("wide", false), [180, 0, 180, 0]);
  const x = draw("wide", false).places.map(([place]) => place);
  assert.ok(x[0] > x[1] && x[1] > x[2], "Ann is on the right");
});

test("nothing is drawn outside the picture", () => {
  for (const [name, { size }] of Object.entries(LAYOUTS))
    for (const [text, x, y] of texts(name))
      assert.ok(x > 20 && x < size[0] - 20 && y > 10 && y < size[1] - 4, `${name}: ${text}`);
});

test("a word ends at its first colon", () => {
  assert.deepEqual(defined("SMTP: a protocol: it"), ["SMTP", "a protocol: it"]);
});
