/* What every widget shares: elements, strings, direction, the keyboard guard.
   Text reaches the page as text nodes only; nothing here or in a widget sets innerHTML. It comes
   through `h`, `t`, `prose` or `visible`, which leave in it nothing that acts. */

const isThere = (value) => ![null, undefined, false].includes(value);

/** An element; `on` holds listeners, undefined attributes are left out. All text is made visible. */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (tag === "button") node.type = "button"; // else it would send the form it stands in
  for (const [name, value] of Object.entries(attributes))
    if (isThere(value)) node.setAttribute(name, value === true ? "" : visible(value));
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  const shown = (child) => (typeof child === "string" ? visible(child) : child);
  node.append(...children.flat(Infinity).filter(isThere).map(shown));
  return node;
}

/** Foreign text as what it is: what would turn the direction of all that follows, or steer a
    terminal, is shown by its number, as in Python (`foreign.py`). */
export function visible(text) {
  const escaped = (one) => {
    const number = one.charCodeAt(0).toString(16);
    return number.length < 3 ? `\\x${number.padStart(2, "0")}` : `\\u${number.padStart(4, "0")}`;
  };
  return String(text).replace(ACTING, escaped);
}

const ACTING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** Protocol text: left-to-right in every language, and kept apart from what surrounds it. */
export function literal(text) {
  const kind = String(text).length <= 12 && "s-short"; // a code should not break in two
  return h("bdi", { dir: "ltr", class: kind }, h("code", {}, String(text)));
}

/** Prose with its `backticked` protocol text and its RFC references set apart, as nodes. */
export function prose(text) {
  const source = (part, n) => (n % 2 ? h("bdi", { dir: "ltr", class: "s-short" }, part) : part);
  const parts = visible(text).split("`");
  return parts.map((part, n) => (n % 2 ? literal(part) : part.split(SOURCE).map(source)));
}

const SOURCE = /(RFC \d+(?: §[\d.]*\d)?)/;

/** `{name}` places of a string filled in. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

/** Set traits and send them, kernel or no kernel. */
export function set(model, traits) {
  for (const [name, value] of Object.entries(traits)) model.set(name, value);
  model.save_changes();
}

/** Listen to several traits; returns the function that stops it. */
export function listen(model, names, listener) {
  for (const name of names) model.on(`change:${name}`, listener);
  return () => {
    for (const name of names) model.off(`change:${name}`, listener);
  };
}

/** The head of a widget: its title, what stands beside it, its controls at the end. */
export function head(title, beside = null, ...controls) {
  const tools = h("div", { class: "s-tools" }, controls);
  return h("div", { class: "s-head" }, h("h3", {}, title), beside, tools);
}

/** Shift+Enter leads on to the next cell, as it does after any other; nothing in here hears of it. */
function goOn(event, act) {
  if (event.key !== "Enter" || !event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

/** The frame of a widget: direction, a button for each other language, keyboard guard.

    `draw(root, t, language)` fills the root and returns its clean-up; it is called again when
    the language changes, whose buttons go into the root's `.s-tools`. `t(key, values, instead)` is
    the string of a key, or of another one where there is none. */
export function frame({ model, el, kit }, name, draw) {
  const root = h("div", { class: `smtpedu smtpedu-${name}`, role: "group" });
  // Keys pressed in here are ours: `d d` must not delete the learner's cell, nor Ctrl+Enter run it
  // again. Ctrl+S and its like are JupyterLab's. A click on mere text brings the focus here, too.
  root.tabIndex = -1;
  root.addEventListener("keydown", (event) => goOn(event, () => kit.goOn?.(root)), true);
  root.addEventListener("keydown", (event) => {
    if ((!event.ctrlKey && !event.metaKey) || event.key === "Enter") event.stopPropagation();
  });
  el.append(root);
  let clean = () => {};
  let toggles = [];
  const redraw = () => {
    const hadFocus = root.contains(document.activeElement);
    const wasToggle = toggles.includes(document.activeElement);
    const before = root.lang;
    clean();
    const language = model.get("language");
    const known = Object.hasOwn(kit.strings, language) ? kit.strings[language] : kit.strings.en;
    const t = (key, values = {}, instead = key) =>
      visible(fill(known[key] ?? known[instead] ?? key, values));
    root.replaceChildren();
    root.lang = language;
    root.dir = t("widget.direction");
    root.setAttribute("aria-label", t(`widget.${name}`));
    clean = draw(root, t, language) ?? (() => {});
    const others = Object.keys(kit.strings).filter((candidate) => candidate !== language);
    toggles = others.map((lang) => {
      const click = () => set(model, { language: lang });
      const own = kit.strings[lang]["widget.own_name"];
      return h("button", { class: "s-quiet", lang, on: { click } }, own);
    });
    (root.querySelector(".s-tools") ?? root).append(...toggles);
    // What had the focus is gone. Of the buttons there is one that leads back.
    const next = wasToggle && toggles[others.indexOf(before)];
    if (hadFocus && !root.contains(document.activeElement)) (next || root).focus();
  };
  redraw();
  const unlisten = listen(model, ["language"], redraw);
  return () => {
    unlisten();
    clean();
    root.remove();
  };
}
