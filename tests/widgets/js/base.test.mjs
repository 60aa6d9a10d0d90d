import assert from "node:assert/strict";
import { test } from "node:test";
import { frame } from "../../../smtpedu/widgets/shared/base.js";

/** As much of a page as a frame needs. */
class Node {
  children = [];
  attributes = {};
  listeners = {};
  constructor(tag) {
    this.tag = tag;
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name === "lang") this.lang = value;
  }
  addEventListener(event, listener) {
    this.listeners[event] = listener;
  }
  append(...children) {
    this.children.push(...children);
  }
  querySelector() {
    return null; // the widget has no place for the buttons: they come last
  }
  replaceChildren() {
    this.children = [];
    document.activeElement = null;
  }
  focus() {
    document.activeElement = this;
  }
  contains(node) {
    return (
      node === this || this.children.some((child) => child instanceof Node && child.contains(node))
    );
  }
}

const NAMES = { en: "English", ar: "العربية", xx: "Toy" };
const DIRECTIONS = { en: "ltr", ar: "rtl", xx: "ltr" };

/** A widget in these languages, with what can be seen of it. */
function widget(languages) {
  const strings = languages.map((name) => [
    name,
    { "widget.own_name": NAMES[name], "widget.direction": DIRECTIONS[name] },
  ]);
  const traits = { language: languages[0] };
  const kit = { strings: Object.fromEntries(strings) };
  let changed;
  const model = {
    get: (name) => traits[name],
    set: (name, value) => {
      traits[name] = value;
    },
    save_changes: () => changed(),
    on: (_, listener) => {
      changed = listener;
    },
    off: () => {},
  };
  globalThis.document = { createElement: (tag) => new Node(tag), activeElement: null };
  const el = new Node("div");
  const drawn = [];
  frame({ model, el, kit }, "player", (_root, _t, language) => void drawn.push(language));
  const [root] = el.children;
  const buttons = () => root.children;
  return { root, model, drawn, buttons, named: () => buttons().map((one) => one.children[0]) };
}

test("of two languages there is one button, for the other, which keeps the focus", () => {
  const { root, drawn, buttons, named } = widget(["en", "ar"]);
  assert.deepEqual([root.lang, root.dir, named()], ["en", "ltr", ["العربية"]]);
  const [button] = buttons();
  button.focus();
  button.listeners.click();
  assert.deepEqual([root.lang, root.dir, named()], ["ar", "rtl", ["English"]]);
  assert.equal(document.activeElement, buttons()[0]);
  buttons()[0].listeners.click();
  assert.deepEqual([root.lang, root.dir, named()], ["en", "ltr", ["العربية"]]);
  assert.deepEqual(drawn, ["en", "ar", "en"]);
});

test("of three languages each is reached from each, and the focus stays with the way back", () => {
  const { root, buttons, named } = widget(["en", "ar", "xx"]);
  assert.deepEqual(named(), ["العربية", "Toy"]);
  for (const [from, to] of ["en ar", "ar xx", "xx en", "en xx", "xx ar", "ar en"].map((way) =>
    way.split(" "),
  )) {
    const button = buttons().find(({ lang }) => lang === to);
    button.focus();
    button.listeners.click();
    assert.deepEqual([root.lang, root.dir], [to, DIRECTIONS[to]]);
    assert.deepEqual(
      buttons().map(({ lang }) => lang),
      Object.keys(NAMES).filter((name) => name !== to),
    );
    assert.equal(document.activeElement.lang, from);
  }
});

test("a language that was set elsewhere takes no focus", () => {
  const { buttons } = widget(["en", "ar", "xx"]);
  buttons()[0].listeners.click();
  assert.equal(document.activeElement, null);
});

test("where a language that was set elsewhere redraws what had the focus, the widget has it", () => {
  const { root, model, drawn } = widget(["en", "ar"]);
  const field = new Node("input");
  root.append(field);
  field.focus();
  model.set("language", "ar");
  model.save_changes();
  assert.deepEqual(drawn, ["en", "ar"]);
  assert.equal(document.activeElement, root);
});
