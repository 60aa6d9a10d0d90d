import { opened } from "./show.js";

/* Draws our outputs in JupyterLab and Notebook 7, from what the output holds and files of the
   extension. Python is asked by a comm, for as long as the widget that made the output lives. */

const MIME = "application/vnd.smtpedu.v1+json";
const VIEW = "application/vnd.jupyter.widget-view+json";
const TARGET = "smtpedu";

/** The newest of a package that JupyterLab shares. */
async function sharedModule(scope, name) {
  const versions = scope[name];
  const newest = Object.keys(versions).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return (await versions[newest.at(-1)].get())();
}

/** What is promised for each name, asked for once; after a failure the next may have more luck. */
function once(ask) {
  const promised = {};
  return (name) => {
    promised[name] ??= ask(name).catch((error) => {
      delete promised[name];
      throw error;
    });
    return promised[name];
  };
}

/** Gives what the page has for every widget: files of the extension, each fetched once. */
function kitOf(base) {
  const load = once(async (name) => (await fetch(new URL(`${name}.json`, base))).json());
  const module = once((path) => import(new URL(path, base))); // that alone costs a frame each time
  const style = once(async (name) => {
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: new URL(name, base) });
    await new Promise((resolve, reject) => {
      sheet.addEventListener("load", resolve);
      sheet.addEventListener("error", reject);
      document.head.append(sheet);
    });
  });
  return async () => {
    const styled = style("style.css").catch(() => {}); // a plain widget is better than none
    const [strings] = await Promise.all([load("strings"), styled]);
    return { strings, load, module };
  };
}

/** Lets a link open a file beside this notebook in a tab, as the links of its prose do. */
function linkIn({ resolver, linkHandler }) {
  return async (anchor, name) => {
    anchor.href = name;
    const path = await resolver.resolveUrl(name);
    linkHandler.handleLink(anchor, decodeURIComponent(path), "");
  };
}

/** The place of the cell in which something stands. */
function cellOf(content, node) {
  return content.widgets.findIndex((cell) => cell.node.contains(node));
}

const SCROLLED = 150; // milliseconds; by then JupyterLab has shown the cell after the one that was run

/** Shows a widget from its top: that of the cell that was just run, if it does not stand in view. */
function showFromTop({ content, node: panel }, node) {
  setTimeout(() => {
    const own = cellOf(content, node);
    const isJustRun = own >= 0 && own === content.activeCellIndex - 1;
    if (!isJustRun || !panel.contains(document.activeElement)) return;
    const [view, { top, bottom }] = [panel, node].map((one) => one.getBoundingClientRect());
    const head = content.node.getBoundingClientRect().top;
    if (top < head || bottom > view.bottom) {
      content.widgets[own].node.scrollIntoView({ block: "start" });
    }
  }, SCROLLED);
}

/** Leads from a widget to the cell after its own. */
function goOnIn({ content }) {
  return (node) => {
    content.activeCellIndex = cellOf(content, node) + 1;
    content.mode = "command";
    content.activate();
    content.scrollToItem(content.activeCellIndex).catch(() => {});
  };
}

/** The kernel of a notebook: which widgets live in it, and a comm to each that is shown. */
class Kernel {
  #shown = new Map();

  constructor(context) {
    this.context = context;
    context.kernelChanged.connect(() => this.#reconnect());
    context.statusChanged.connect((_, status) => {
      if (/restarting|dead|terminating/.test(status)) this.#reconnect();
    });
  }

  /** Connect a model with the widget of this id. */
  async connect(id, model) {
    this.#shown.set(model, id);
    await this.context.ready;
    const kernel = this.context.session?.kernel;
    const lives = id && kernel && (await livingIn(kernel)).has(id);
    if (!lives) {
      model.connect(null);
      return;
    }
    const comm = kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => model.receive(content.data);
    comm.onClose = () => model.connect(null);
    comm.open({ id });
    model.connect((content) => comm.send(content));
  }

  #reconnect() {
    for (const [model, id] of this.#shown) {
      model.connect(null); // what is said meanwhile, nobody hears
      this.connect(id, model).catch(() => model.connect(null));
    }
  }
}

/** The ids of a kernel's widgets. */
async function livingIn(kernel) {
  const { content } = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
  return new Set(Object.keys(content.comms ?? {}));
}

/** What a learner sees of a widget stays on this machine: the newest hundred. */
function placeOf(id, names) {
  const key = `smtpedu:place:${id}`;
  const read = () => JSON.parse(localStorage.getItem(key) ?? "{}").values ?? {};
  const guarded = (act) => {
    try {
      return act();
    } catch {
      return {}; // blocked, full, or something else lies there
    }
  };
  const write = (changed) => {
    const values = Object.fromEntries(
      names.filter((n) => n in changed).map((n) => [n, changed[n]]),
    );
    if (!Object.keys(values).length) return;
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: { ...read(), ...values } }));
    const places = Object.keys(localStorage).filter((name) => name.startsWith("smtpedu:place:"));
    const age = (name) => JSON.parse(localStorage.getItem(name)).at;
    for (const old of places.sort((a, b) => age(b) - age(a)).slice(100))
      localStorage.removeItem(old);
  };
  return { read: () => guarded(read), write: (values) => guarded(() => write(values)) };
}

/** One model for each output, however many views it has. */
function modelsOf(kernel, kit) {
  const made = new WeakMap();
  return (output) => {
    if (!made.has(output)) {
      const id = output.data[VIEW]?.model_id;
      const place = id && ((names) => placeOf(id, names));
      const widget = kit().then((known) => opened(output.data[MIME], known, place));
      const connect = ({ model }) => kernel.connect(id, model).catch(() => model.connect(null));
      widget.then(connect, () => made.delete(output)); // the next view may have more luck
      made.set(output, widget);
    }
    return made.get(output);
  };
}

/** The plugin; `scope` is what JupyterLab shares, `base` the folder of the extension's files. */
export async function plugin(scope, base) {
  const { Widget } = await sharedModule(scope, "@lumino/widgets");
  const { INotebookTracker } = await sharedModule(scope, "@jupyterlab/notebook");
  const kit = kitOf(base);

  class Output extends Widget {
    constructor(widgetOf, panel) {
      super();
      Object.assign(this, { widgetOf, panel });
    }

    async renderModel(output) {
      const drawing = document.createElement("div");
      this.newest = drawing;
      const clean = await this.draw(output, drawing);
      // Meanwhile something else may be to be drawn, or nothing any more.
      if (this.newest !== drawing) {
        clean?.();
        return;
      }
      this.clean?.();
      this.clean = clean;
      this.node.replaceChildren(...drawing.childNodes);
      showFromTop(this.panel, this.node);
    }

    async draw(output, node) {
      try {
        const widget = await this.widgetOf(output);
        return await widget.render(node);
      } catch (error) {
        console.error(error); // of another version, perhaps: what it said is there as text
        const kind = "text/html" in output.data ? "text/html" : "text/plain";
        const fallback = this.panel.content.rendermime.createRenderer(kind);
        await fallback.renderModel(output);
        node.replaceChildren(fallback.node);
        return () => fallback.dispose();
      }
    }

    dispose() {
      this.newest = null;
      this.clean?.();
      super.dispose();
    }
  }

  const serve = (panel, tracker) => {
    const { rendermime } = panel.content;
    const path = () => panel.context.path;
    const isAt = (name) => (one) => one.context.path === name;
    const isOther = (name) => name !== path() && Boolean(tracker.find(isAt(name)));
    const here = async () => ({
      ...(await kit()),
      notebook: { path, isOther },
      link: linkIn(rendermime),
      goOn: goOnIn(panel),
    });
    const widgetOf = modelsOf(new Kernel(panel.sessionContext), here);
    const createRenderer = () => new Output(widgetOf, panel);
    const factory = { safe: true, mimeTypes: [MIME], defaultRank: -100, createRenderer };
    rendermime.addFactory(factory, -100);
  };
  return {
    id: "smtpedu:output",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_, tracker) {
      tracker.forEach((panel) => {
        serve(panel, tracker);
      });
      tracker.widgetAdded.connect((_, panel) => serve(panel, tracker));
    },
  };
}
