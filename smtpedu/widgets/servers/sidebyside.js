import { h, literal, prose, set, visible } from "../shared/base.js";
import { chip } from "../shared/parts.js";
import { aligned, common, difference, grouped, standing, words } from "./align.js";

/* Draws chosen sessions as columns whose rows are shared. */

const SIGNS = { code: "≠", text: "≈", command: "⇄" };

/** How many rows are seen: `step` of them, or all. */
export function seen(step, rows) {
  return step > 0 ? Math.min(step, rows) : rows;
}

function lines(text) {
  return h("bdi", { dir: "ltr", class: "servers-lines" }, h("code", {}, text));
}

function commandText({ verb, sent }, t) {
  if (sent.length) return sent.join("\n");
  return t(verb === "connect" ? "servers.connected" : "servers.unasked");
}

function clientSays(exchange, t) {
  const { sent, lines: count } = exchange;
  const text = commandText(exchange, t);
  if (count === undefined)
    return sent.length ? lines(visible(text)) : h("span", { class: "s-soft" }, text);
  return h("details", {}, [
    h("summary", {}, t("servers.message", { count })),
    lines(visible(text)),
    count > sent.length && h("p", { class: "s-soft" }, "…"),
  ]);
}

/** A line whose words in `soft` stand back: only what differs is black. */
function line(text, soft) {
  const word = (one) =>
    soft?.has(one) === false ? h("b", { class: "servers-own" }, visible(one)) : visible(one);
  return words(text).flatMap((one, n) => [n ? " " : "", word(one)]);
}

function serverSays(cells, n, t) {
  const { code, reply, verb } = cells[n];
  if (!reply) return h("p", { class: "s-soft" }, t("servers.unanswered"));
  const kind = standing(cells, n);
  const isAlone = cells.length === 1;
  const departs = isAlone || (kind && kind !== "text");
  // Of a row with one usual code, the usual answers stand back as a whole.
  const soft = departs || kind === "text" ? common(cells) : new Set(words(reply.join(" ")));
  const said = reply.flatMap((one, k) => [
    k ? "\n" : "",
    line(one.slice(4), isAlone ? null : soft),
  ]);
  return h("div", { class: "servers-reply" }, [
    chip(code, departs ? "" : "s-bare"),
    h("bdi", { dir: "ltr", class: "servers-lines", title: verb === "connect" && reply[0] }, [
      h("code", { class: isAlone ? undefined : "s-soft" }, said),
    ]),
    kind === "outlier" && h("span", { class: "s-aloud" }, ` (${t("servers.outlier")})`),
  ]);
}

/** Where a session comes from, and what of the server's configuration brought it about. */
function origin({ configuration, note, source, client, captured, repeat }, t) {
  const row = (label, value, shown = literal) =>
    value ? [h("dt", {}, label), h("dd", {}, shown(value))] : null;
  return [
    note && h("p", {}, `${t("servers.note")}: `, english(note)),
    configuration &&
      h("details", {}, [
        h("summary", {}, t("servers.configuration")),
        lines(visible(configuration)),
      ]),
    h("details", {}, [
      h("summary", {}, t("servers.source")),
      h("dl", {}, [
        row(t("servers.documented"), source, english),
        row(t("servers.client"), client),
        row(t("servers.captured"), captured),
        row(t("servers.repeat"), repeat),
      ]),
    ]),
  ];
}

/** Notes are in English whatever the language. */
function english(text) {
  return h("bdi", { lang: "en", dir: "ltr" }, prose(visible(text)));
}

/** The steps of the sessions, how to show so many of them, and what to say of the last. */
function steps(rows, names, decides, t) {
  const who = (n) => h("b", { class: "servers-who s-aloud" }, h("bdi", {}, names[n]), ": ");
  const cell = (cells, isShared, n) =>
    h("div", { class: "servers-cell" }, [
      who(n),
      cells[n]
        ? [isShared ? null : clientSays(cells[n], t), serverSays(cells, n, t)]
        : h("span", { class: "s-soft" }, t("servers.gap")),
    ]);
  const items = rows.map((cells) => {
    const kind = cells.length > 1 && difference(cells);
    const first = cells.find(Boolean);
    // Messages differ in their dates, and each can be opened.
    const isShared = kind !== "command" && first.lines === undefined;
    const said = isShared && h("span", {}, clientSays(first, t));
    const sign =
      kind && h("span", { class: "s-caption" }, `${SIGNS[kind]} ${t(`servers.${kind}`)}`);
    return h("li", { class: "servers-step" }, [
      (said || sign) && h("div", { class: "servers-command" }, said, sign),
      cells.map((_, n) => cell(cells, isShared, n)),
    ]);
  });
  const fold = (numbers) => {
    const verbs = numbers.map((n) => rows[n][0].verb.toUpperCase()).join(" · ");
    const key = numbers.length === 1 ? "servers.alike_one" : "servers.alike";
    return h("details", {}, [
      h("summary", {}, [
        t(key, { count: numbers.length }),
        h("bdi", { dir: "ltr", class: "servers-verbs" }, verbs),
      ]),
      h(
        "ol",
        {},
        numbers.map((n) => items[n]),
      ),
    ]);
  };
  const groups = grouped(rows, decides).map(([isAlike, numbers]) => ({
    numbers,
    isAlike,
    node: isAlike ? h("li", { class: "servers-fold" }, fold(numbers)) : items[numbers[0]],
  }));
  const show = (count, step) => {
    for (const [n, item] of items.entries()) {
      item.hidden = n >= count;
      item.classList.toggle("servers-current", n === count - 1 && step > 0);
    }
    for (const { node, numbers, isAlike } of groups) {
      node.hidden = numbers[0] >= count;
      if (isAlike && step > 0) node.firstChild.open = numbers.includes(count - 1);
    }
  };
  const spoken = (count) => {
    const cells = rows[count - 1];
    const reply = (one, n) =>
      `${names[n]}: ${one ? (one.reply?.join(" ") ?? t("servers.unanswered")) : t("servers.gap")}`;
    return visible([commandText(cells.find(Boolean), t), ...cells.map(reply)].join(". "));
  };
  return {
    node: h(
      "ol",
      {},
      groups.map(({ node }) => node),
    ),
    show,
    spoken,
  };
}

/** The chosen sessions side by side; `show` is told the step. */
export function comparison(captured, chosen, t, language) {
  const labels = new Map(captured.servers);
  const sessions = chosen.map((name) => captured.sessions[name]);
  const scenarios = captured.scenarios.filter(({ name }) =>
    sessions.some(({ scenario }) => scenario === name),
  );
  const title = (one) => scenarios.find(({ name }) => name === one).texts[language].title;
  const isOne = scenarios.length === 1;
  const asks = scenarios.map(({ texts }) =>
    h("p", {}, [
      !isOne && [h("strong", {}, prose(texts[language].title)), " · "],
      prose(texts[language].asks),
    ]),
  );
  const name = ({ server, scenario }) =>
    isOne ? labels.get(server) : `${labels.get(server)}, ${title(scenario)}`;
  const heads = sessions.map((one) =>
    h("div", {}, [
      h("strong", {}, h("bdi", {}, labels.get(one.server))),
      " ",
      h("span", { class: "s-soft" }, literal(one.about.version ?? "")),
      !isOne && h("p", { class: "s-caption" }, prose(title(one.scenario))),
    ]),
  );
  const verbs = new Set(scenarios.map(({ verb }) => verb));
  const decides = (cells) => cells.some((one) => verbs.has(one?.verb));
  const rows = aligned(sessions.map(({ said }) => said));
  const { node, show, spoken } = steps(rows, sessions.map(name), decides, t);
  const origins = sessions.map((one) =>
    h("div", { class: "servers-cell" }, [
      h("b", { class: "servers-who s-aloud" }, h("bdi", {}, name(one))),
      origin(one.about, t),
    ]),
  );
  const beside = h("div", { class: "servers-beside" }, [
    h("div", { class: "servers-heads", "aria-hidden": "true" }, heads),
    node,
    h("div", { class: "servers-origins" }, origins),
  ]);
  beside.style.setProperty("--sessions", sessions.length);
  return { nodes: [...asks, beside], rows: rows.length, show, spoken };
}

/** The buttons that go through the steps of all sessions at once. */
export function stepper(model, t, clear) {
  const button = (label, click, kind) => h("button", { class: kind, on: { click } }, label);
  let now = { count: 0, rows: 0 };
  const go = (step) => set(model, { step: Math.max(1, Math.min(step, now.rows)) });
  const buttons = {
    first: button(t("player.first"), () => go(1)),
    back: button(t("player.back"), () => go(now.count - 1)),
    next: button(t("player.next"), () => go(now.count + 1)),
    all: button(t("servers.all"), () => set(model, { step: 0 })),
    clear: button(t("servers.clear"), clear, "s-quiet"),
  };
  const position = h("span", { class: "s-caption" });
  const label = { class: "servers-stepper", role: "group", "aria-label": t("servers.controls") };
  const node = h("div", label, position, Object.values(buttons));
  const show = (count, rows) => {
    now = { count, rows };
    const off = (name, isOff) => buttons[name].setAttribute("aria-disabled", isOff);
    off("first", count <= 1);
    off("back", count <= 1);
    off("next", count === rows);
    off("all", count === rows);
    position.textContent = t("player.position", { step: count, last: rows });
  };
  return { node, show };
}
