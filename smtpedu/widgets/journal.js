import { line } from "./link.js";

/* No answer is lost: it is in the browser's own store before anything else happens, and leaves
   it only when Python says that it is on disk. */

const KEY = "smtpedu:journal"; // attempts by id, of every quiz on this server

/** The journal in a `localStorage`, which may be full, blocked, or hold something else. */
export function journal(storage = () => globalThis.localStorage) {
  const unkept = {}; // what the browser would not keep: as safe as this page is open
  const { read, write } = shelf(storage);
  return {
    /** Keep an attempt; tells whether the browser does. */
    add(attempt) {
      const isKept = write({ ...read(), [attempt.id]: attempt });
      if (!isKept) unkept[attempt.id] = attempt;
      return isKept;
    },
    entries() {
      return Object.values({ ...read(), ...unkept }).filter(isObject);
    },
    /** Whether the browser keeps all of them. */
    isWhole: () => Object.keys(unkept).length === 0,
    remove(ids) {
      const content = read();
      for (const id of ids) {
        delete content[id];
        delete unkept[id];
      }
      write(content);
    },
  };
}

/** What lies under the key, whole. */
function shelf(storage) {
  const read = () => {
    try {
      const found = JSON.parse(storage().getItem(KEY) ?? "{}");
      return isObject(found) ? found : {};
    } catch {
      return {};
    }
  };
  const write = (content) => {
    try {
      if (Object.keys(content).length) storage().setItem(KEY, JSON.stringify(content));
      else storage().removeItem(KEY);
      return true;
    } catch {
      return false;
    }
  };
  return { read, write };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Carries the journal to Python. `onNews` hears what changed: `alive`, `trouble`, `kept`. */
export function courier(model, kept, onNews) {
  const link = line(model, (alive) => onNews({ alive }));
  const heard = ({ stored, trouble }) => {
    if (!Array.isArray(stored)) return;
    kept.remove(stored);
    onNews({ trouble: trouble ?? "", kept: kept.isWhole() });
  };
  model.on("msg:custom", heard);
  return {
    ask: link.ask,
    /** Send all there is: what is there twice, Python stores once. */
    deliver() {
      const attempts = kept.entries();
      if (attempts.length) link.ask({ do: "store", attempts });
    },
    keep(attempt) {
      kept.add(attempt);
      onNews({ kept: kept.isWhole() });
    },
    waiting: () => kept.entries().length,
    hangUp() {
      link.hangUp();
      model.off("msg:custom", heard);
    },
  };
}
