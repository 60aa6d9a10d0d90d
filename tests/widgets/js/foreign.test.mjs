import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { frame, h, literal, prose, visible } from "../../../smtpedu/widgets/shared/base.js";
import { chip, flow } from "../../../smtpedu/widgets/shared/parts.js";

/* Foreign text is only text: the payloads are those of `tests/test_foreign_text.py`. */

const PAYLOADS = Object.values(
  JSON.parse(readFileSync(new URL("../../foreign_text.json", import.meta.url), "utf8")),
);

class Node {
  texts = [];
  children = [];
  addEventListener() {}
  querySelector() {
    return null;
  }
  contains() {
    return false;
  }
  remove() {}
  replaceChildren() {}
  setAttribute(_, value) {
    this.texts.push(value);
  }
  append(...children) {
    this.children.push(...children);
  }
}

globalThis.document = { createElement: () => new Node(), activeElement: null };

/** All text that reached the page below a node, attributes first. */
function written(node) {
  if (!(node instanceof Node)) return [node];
  return [...node.texts, ...node.children.flatMap(written)];
}

test("what acts is shown by its number, once", () => {
  for (const [given, shown] of PAYLOADS) {
    assert.equal(visible(given), shown);
    assert.equal(visible(shown), shown);
  }
});

test("text and attributes of an element are visible, nested or not", () => {
  for (const [given, shown] of PAYLOADS) {
    const node = h("p", { "aria-label": given, title: given }, given, [[given], h("b", {}, given)]);
    assert.deepEqual(written(node), Array(5).fill(shown));
    const inside = [prose(given), prose(`\`${given}\``)].map((one) => h("i", {}, one));
    for (const one of [literal(given), chip(given), ...inside])
      assert.ok(written(one).includes(shown));
    assert.ok(written(flow([[given], [given]], given)).filter((one) => one === shown).length === 3);
  }
});

test("a sentence that foreign text was filled into is visible", () => {
  for (const [given, shown] of PAYLOADS) {
    const strings = { en: { sentence: "said: {said}", "widget.direction": "ltr" } };
    const model = { get: () => "en", on: () => {}, off: () => {} };
    const said = [];
    const draw = (_, t) => void said.push(t("sentence", { said: given }));
    frame({ model, el: new Node(), kit: { strings } }, "player", draw);
    assert.deepEqual(said, [`said: ${shown}`]);
  }
});
