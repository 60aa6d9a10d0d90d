/* What every widget shares: elements, strings, direction, the keyboard guard.
   Text reaches the page as text nodes only; nothing here or in a widget sets innerHTML. */

/** An element; `on` holds listeners, undefined attributes are left out. */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (tag === "button") node.type = "button"; // else it would send the form it stands in
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== false && value !== null)
      node.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== false));
  return node;
}

/** Protocol text: left-to-right in every language, and kept apart from what surrounds it. */
export function wire(text) {
  const short = String(text).length <= 12; // a code should not break in two
  return h("bdi", { dir: "ltr", class: short ? "short" : undefined }, h("code", {}, String(text)));
}

/** Prose with its `backticked` protocol text and its RFC references set apart, as nodes. */
export function prose(text) {
  return text.split("`").map((part, n) => (n % 2 ? wire(part) : part.split(SOURCE).map(source)));
}

const SOURCE = /(RFC \d+(?: §[\d.]*\d)?)/;

function source(part, n) {
  return n % 2 ? h("bdi", { dir: "ltr", class: "source" }, part) : part;
}

/** `{name}` places of a string filled in. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

/** The three digits of a reply code, those at `marked` positions set off. */
export function digits(code, marked = []) {
  const spans = [...String(code)].map((digit, n) =>
    h("span", { class: marked.includes(n) ? "digit marked" : "digit" }, digit),
  );
  return h("bdi", { dir: "ltr", class: `code severity-${String(code)[0]}` }, spans);
}

/** A table whose columns have titles. */
export function titledTable(titles, rows, attributes = {}) {
  const head = titles.map((title) => h("th", { scope: "col" }, title));
  return h("table", attributes, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

/** What is packed by Python's `packed`. */
export async function unpacked(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
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

/** The frame of a widget: direction, a button for each other language, keyboard guard.

    `draw(root, t, language)` fills the root and returns its clean-up; it is called again when
    the language changes. `t(key, values, instead)` is the string of a key, or of
    another one where there is none. */
export function frame({ model, el }, name, draw) {
  const root = h("div", { class: `smtpedu smtpedu-${name}`, role: "group" });
  // Keys pressed in here are ours: `d d` must not delete the learner's cell. Ctrl+S and its
  // like are JupyterLab's. A click on mere text brings the focus here, too.
  root.tabIndex = -1;
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  el.append(root);
  let clean = () => {};
  let toggles = [];
  const redraw = () => {
    const hadFocus = toggles.includes(document.activeElement);
    const before = root.lang;
    clean();
    const language = model.get("language");
    const known = model.get("_strings");
    const t = (key, values = {}, instead = key) =>
      fill(known[language][key] ?? known[language][instead] ?? key, values);
    root.replaceChildren();
    root.lang = language;
    root.dir = t("widget.direction");
    root.setAttribute("aria-label", t(`widget.${name}`));
    clean = draw(root, t, language) ?? (() => {});
    const others = Object.keys(known).filter((candidate) => candidate !== language);
    toggles = others.map((lang) => {
      const click = () => set(model, { language: lang });
      return h(
        "button",
        { class: "language", lang, on: { click } },
        known[lang]["widget.own_name"],
      );
    });
    root.prepend(h("div", { class: "languages" }, toggles));
    // The button that had the focus is gone; this one leads back.
    if (hadFocus) toggles[others.indexOf(before)]?.focus();
  };
  redraw();
  const unlisten = listen(model, ["language"], redraw);
  return () => {
    unlisten();
    clean();
  };
}
