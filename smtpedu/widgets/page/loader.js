/* The widget view where no extension draws the output (VS Code, Colab, Voila): it asks Python for the
   code, once a page, and then draws the same data in the same way. */

/** What Python has by a name. */
function load(model, name) {
  return new Promise((resolve) => {
    const heard = ({ loaded, text }) => {
      if (loaded !== name) return;
      model.off("msg:custom", heard);
      resolve(JSON.parse(text));
    };
    model.on("msg:custom", heard);
    model.send({ load: name });
  });
}

/** Modules that are texts import each other by address: each gets one, those it needs before it. */
function addresses(texts) {
  const made = {};
  const address = (path) => {
    const import_ = (_, before, to) =>
      `${before}"${address(new URL(to, `m:/${path}`).pathname.slice(1))}"`;
    const text = texts[path].replace(/^((?:import|export) [^"]*?from )"(\.[^"]+)"/gm, import_);
    made[path] ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return made[path];
  };
  return address;
}

async function kitFrom(model) {
  const { modules, style, strings } = await load(model, "code");
  const sheet = document.createElement("style");
  sheet.textContent = style;
  document.head.append(sheet);
  const address = addresses(modules);
  const parts = {};
  return {
    strings,
    load: (name) => (parts[name] ??= load(model, name)),
    module: (path) => import(address(path)),
    link: (anchor, name) => Object.assign(anchor, { href: name, target: "_blank" }),
  };
}

const shown = new WeakMap();

async function shownBy(model) {
  globalThis.smtpeduKit ??= kitFrom(model);
  const kit = await globalThis.smtpeduKit;
  const { opened } = await kit.module("page/show.js");
  const widget = await opened(model.get("data"), kit);
  model.on("msg:custom", (said) => widget.model.receive(said));
  widget.model.connect((content) => model.send(content));
  model.send({ do: "open" });
  return widget;
}

export default {
  async render({ model, el }) {
    const waiting = setTimeout(() => el.append(model.get("_silent")), 8000);
    if (!shown.has(model)) shown.set(model, shownBy(model));
    const widget = await shown.get(model);
    clearTimeout(waiting);
    el.replaceChildren();
    return widget.render(el);
  },
};
