import { line } from "../shared/link.js";
import { freshId } from "./attempts.js";

/* No answer is lost, and nobody else gets it: it is in the browser's own store before anything
   else happens, marked with the file of answers that it belongs to, and leaves it only when Python
   says that it is on disk there. One key an answer, so that two pages that write at once lose
   nothing. All that is served from one address shares this store, whoever sits in front of it. */

const KEY = "smtpedu:answer:";
const LIST = "smtpedu:journal"; // of version 0.1: the answers of everybody, without their owner

/* Until Python says whose file it uses, an answer belongs to this page: whoever sits in front of
   it now runs the notebook, too. */
globalThis.smtpeduPage ??= `page-${freshId()}`;

/** The journal in a `localStorage`, which may be full, blocked, or hold something else.

    `whose` gives the ids of the files that are Python's (`owners`, the present one first), the
    `run` on this page, and whether all visitors share the account, so that nothing is to be kept. */
export function journal(whose, storage = () => globalThis.localStorage) {
  const unkept = {}; // what the browser does not keep: as safe as this page is open
  const settled = new Set(); // names that are done with, even where the browser keeps them
  const owner = () => whose().owners[0] ?? smtpeduPage;
  const isMine = ({ store }) => store === smtpeduPage || whose().owners.includes(store);
  const lying = () => [...marked(storage), ...unmarked(storage, whose().run, owner())];
  return {
    owner,
    /** Keep an attempt; tells whether the browser does. */
    add(attempt) {
      const isKept = !whose().shared && write(storage, attempt);
      if (!isKept) unkept[attempt.key] = attempt;
      return isKept;
    },
    /** What belongs to this file, in the order in which it was given. */
    entries() {
      const own = lying().map(([, one]) => one);
      const given = [...own.filter(isMine), ...Object.values(unkept)];
      return given.sort((a, b) => String(a.at).localeCompare(String(b.at)) || a.number - b.number);
    },
    /** How many answers lie here that belong to another file. */
    others: () => lying().filter(([, one]) => !isMine(one)).length,
    /** Whether the browser keeps all of them. */
    isWhole: () => Object.keys(unkept).length === 0,
    /** Python has said whose file it uses: it gets what this page holds. Tells whether it does. */
    settle() {
      if (!whose().owners.length) return false;
      const isPages = ({ store }) => store === smtpeduPage;
      const waiting = marked(storage).filter(([name, one]) => isPages(one) && !settled.has(name));
      for (const [name, one] of waiting) {
        const own = { ...one, store: owner() };
        const isThere = write(storage, own);
        erase(storage, name);
        settled.add(name);
        if (!isThere && !write(storage, own)) unkept[own.key] = own; // there was no room for both
      }
      const open = Object.values(unkept).filter(isPages);
      for (const one of open) unkept[one.key] = { ...one, store: owner() };
      return waiting.length + open.length > 0;
    },
    remove(keys) {
      for (const [name, one] of lying())
        if (keys.includes(one.key) && isMine(one)) erase(storage, name, one.key);
      for (const key of keys) delete unkept[key];
    },
  };
}

/** Every answer that is kept under a name of its own, with that name. */
function marked(storage) {
  try {
    const names = Array.from({ length: storage().length }, (_, n) => storage().key(n));
    const own = names.filter((name) => name?.startsWith(KEY));
    const found = own.map((name) => [name, parsed(storage().getItem(name))]);
    return found.filter(([, one]) => isObject(one));
  } catch {
    return [];
  }
}

/** What version 0.1 has left: only its run tells whether it belongs here. */
function unmarked(storage, run, owner) {
  try {
    const list = Object.values(parsed(storage().getItem(LIST)) ?? {}).filter(isObject);
    return list.map(({ exam, final, ...one }) => {
      const id = String(one.id).replace(/-final$/, "");
      const role = final ? "exam" : exam ? "draft" : "practice";
      return [LIST, { ...one, id, key: one.id, role, store: one.run === run ? owner : null }];
    });
  } catch {
    return [];
  }
}

function write(storage, attempt) {
  try {
    storage().setItem(`${KEY}${attempt.store}:${attempt.key}`, JSON.stringify(attempt));
    return true;
  } catch {
    return false;
  }
}

/** Take away what lies under a name; of the list of version 0.1 only the answer with this key. */
function erase(storage, name, key) {
  try {
    const list = name === LIST ? (parsed(storage().getItem(LIST)) ?? {}) : {};
    delete list[key];
    if (Object.keys(list).length) storage().setItem(LIST, JSON.stringify(list));
    else storage().removeItem(name);
  } catch {
    // It is stored twice then, which Python knows.
  }
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

/** Carries the journal to Python. `onNews` hears what changed: `alive`, `trouble`, `kept`, `owners`. */
export function courier(model, kept, onNews) {
  const link = line(model, (alive) => onNews({ alive }));
  const heard = ({ stored, trouble, owners }) => {
    if (!Array.isArray(stored)) return;
    kept.remove(stored);
    onNews({ trouble: trouble ?? "", kept: kept.isWhole(), owners: owners ?? [] });
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
    owner: kept.owner,
    others: kept.others,
    hangUp() {
      link.hangUp();
      model.off("msg:custom", heard);
    },
  };
}
