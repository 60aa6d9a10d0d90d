import { line } from "./link.js";

/* No answer is lost, and nobody else gets it: it is in the browser's own store before anything
   else happens, marked as belonging to one file of answers, and leaves it only when Python says
   that it is on disk there. One key an answer, so that two pages that write at once lose nothing.
   All that is served from one address shares this store, whoever sits in front of it. */

const KEY = "smtpedu:answer:";
const LIST = "smtpedu:journal"; // of version 0.1: the answers of everybody, without their owner

/** The journal in a `localStorage`, which may be full, blocked, or hold something else.

    `whose` gives the `marks` of the file that Python uses, and the `run` on this page. Without a
    mark nothing is kept longer than the page. */
export function journal(whose, storage = () => globalThis.localStorage) {
  const unkept = {}; // what the browser does not keep: as safe as this page is open
  const isMine = ({ store }) => whose().marks.includes(store);
  const all = () => [...marked(storage), ...unmarked(storage, whose())];
  return {
    /** Keep an attempt; tells whether the browser does. */
    add(attempt) {
      const isKept = attempt.store !== "" && write(storage, attempt);
      if (!isKept) unkept[attempt.key] = attempt;
      return isKept;
    },
    /** What belongs to this file, in the order in which it was given. */
    entries() {
      const given = [...all().filter(isMine), ...Object.values(unkept)];
      return given.sort((a, b) => String(a.at).localeCompare(String(b.at)) || a.number - b.number);
    },
    /** How many answers lie here that belong to another file. */
    others: () => all().filter((one) => !isMine(one)).length,
    /** Whether the browser keeps all of them. */
    isWhole: () => Object.keys(unkept).length === 0,
    remove(keys) {
      for (const one of all()) if (keys.includes(one.key) && isMine(one)) erase(storage, one);
      for (const key of keys) delete unkept[key];
    },
  };
}

/** Every answer that is kept under a key of its own. */
function marked(storage) {
  try {
    const names = Array.from({ length: storage().length }, (_, n) => storage().key(n));
    const own = names.filter((name) => name?.startsWith(KEY));
    return own.map((name) => parsed(storage().getItem(name))).filter((one) => isObject(one));
  } catch {
    return [];
  }
}

/** What version 0.1 has left: only its run tells whether it belongs here. */
function unmarked(storage, { marks, run }) {
  try {
    const list = Object.values(parsed(storage().getItem(LIST)) ?? {}).filter(isObject);
    return list.map(({ exam, final, ...one }) => ({
      ...one,
      key: one.id,
      id: String(one.id).replace(/-final$/, ""),
      role: final ? "exam" : exam ? "draft" : "practice",
      store: one.run === run ? marks[0] : null,
    }));
  } catch {
    return [];
  }
}

function write(storage, attempt) {
  try {
    storage().setItem(name(attempt), JSON.stringify(attempt));
    return true;
  } catch {
    return false;
  }
}

function erase(storage, attempt) {
  try {
    storage().removeItem(name(attempt));
    const { [attempt.key]: gone, ...list } = parsed(storage().getItem(LIST)) ?? {};
    if (gone === undefined) return;
    if (Object.keys(list).length) storage().setItem(LIST, JSON.stringify(list));
    else storage().removeItem(LIST);
  } catch {
    // It is stored twice then, which Python knows.
  }
}

function name({ store, key }) {
  return `${KEY}${store}:${key}`;
}

function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
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
    others: kept.others,
    hangUp() {
      link.hangUp();
      model.off("msg:custom", heard);
    },
  };
}
