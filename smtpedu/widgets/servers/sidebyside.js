import { digits, h, prose, wire } from "../shared/base.js";
import { aligned, standing } from "./align.js";

/* Draws chosen sessions as columns whose rows are shared. */

const SIGNS = { code: "≠", outlier: "≠", text: "≈", command: "⇄" };

function clientSays(exchange, t) {
  const { verb, sent, lines } = exchange;
  const said = h("bdi", { dir: "ltr" }, h("code", {}, sent.join("\n")));
  if (lines !== undefined)
    return h("details", { class: "sent" }, [
      h("summary", {}, t("servers.message", { count: lines })),
      said,
      lines > sent.length && h("p", { class: "soft" }, "…"),
    ]);
  if (sent.length) return h("p", { class: "sent" }, said);
  return h(
    "p",
    { class: "sent soft" },
    t(verb === "connect" ? "servers.connected" : "servers.unasked"),
  );
}

function serverSays({ code, reply }, marked, t) {
  if (!reply) return h("p", { class: "soft" }, t("servers.unanswered"));
  const line = (text) => [
    h("span", { class: "line" }, digits(code, marked), h("code", {}, text.slice(3))),
    "\n",
  ];
  return h("p", { class: "reply" }, h("bdi", { dir: "ltr" }, reply.map(line)));
}

function exchangeItem(cells, n, t) {
  const exchange = cells[n];
  if (!exchange) return h("li", { class: "exchange soft" }, t("servers.gap"));
  const { kind, marked } = standing(cells, n);
  return h("li", { class: kind ? `exchange differs-${kind}` : "exchange" }, [
    kind ? h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind]) : null,
    clientSays(exchange, t),
    serverSays(exchange, marked, t),
    kind ? h("span", { class: "aloud" }, t(`servers.${kind}`)) : null,
  ]);
}

/** Where a session comes from, and what of the server's configuration brought it about. */
function origin({ configuration, note, source, client, captured, repeat }, t) {
  const row = (label, value, shown = wire) =>
    value ? [h("dt", {}, label), h("dd", {}, shown(value))] : null;
  return h("div", { class: "origin" }, [
    note ? h("p", { class: "note" }, `${t("servers.note")}: `, english(note)) : null,
    configuration
      ? h("details", {}, [
          h("summary", {}, t("servers.configuration")),
          h("bdi", { dir: "ltr" }, h("code", { class: "lines" }, configuration)),
        ])
      : null,
    h("details", {}, [
      h("summary", {}, t("servers.source")),
      h("dl", {}, [
        row(t("servers.documented"), source, english),
        row(t("servers.client"), client),
        row(t("servers.captured"), captured),
        row(t("servers.repeat"), repeat),
      ]),
    ]),
  ]);
}

/** Notes are in English whatever the language. */
function english(text) {
  return h("bdi", { lang: "en", dir: "ltr" }, prose(text));
}

function column(book, session, rows, n, t, language) {
  const [, name] = book.servers.find(([key]) => key === session.server);
  const { title } = titled(book, session.scenario, language);
  const items = rows.map((cells) => exchangeItem(cells, n, t));
  const node = h("section", { class: "session", "aria-label": `${name}, ${title}` }, [
    h("div", { class: "whose" }, [
      h("h4", {}, h("bdi", {}, name), " ", wire(session.about.version ?? "")),
      h("p", { class: "soft" }, prose(title)),
    ]),
    h("ol", { class: "said" }, items),
    origin(session.about, t),
  ]);
  return { node, items };
}

function titled(book, scenario, language) {
  return book.scenarios.find(({ name }) => name === scenario).texts[language];
}

/** What the scenarios of the chosen sessions ask. */
function asked(book, sessions, language) {
  return [...new Set(sessions.map(({ scenario }) => scenario))].map((scenario) => {
    const { title, asks } = titled(book, scenario, language);
    return h("p", {}, h("strong", {}, prose(title)), " · ", prose(asks));
  });
}

/** Each sign that is shown, once: where some rows have a most frequent code, it says so. */
function legend(rows, t) {
  const shown = new Set(
    rows.flatMap((cells) => cells.map((cell, n) => cell && standing(cells, n).kind)),
  );
  if (shown.has("outlier")) shown.delete("code");
  const said = (kind) => t(kind === "outlier" ? "servers.legend_outlier" : `servers.${kind}`);
  const item = (kind) => h("span", {}, h("b", {}, SIGNS[kind]), " ", said(kind));
  const kinds = Object.keys(SIGNS).filter((kind) => shown.has(kind));
  return h("p", { class: "legend soft", "aria-hidden": "true" }, kinds.map(item));
}

/** The chosen sessions, how to show so many of their rows, and what to say of the last. */
export function comparison(book, chosen, t, language) {
  const sessions = chosen.map((name) => book.sessions[name]);
  const rows = aligned(sessions.map(({ said }) => said));
  const columns = sessions.map((session, n) => column(book, session, rows, n, t, language));
  const beside = h(
    "div",
    { class: "beside" },
    columns.map(({ node }) => node),
  );
  beside.style.setProperty("--rows", rows.length);
  const show = (count) => {
    for (const { items } of columns)
      for (const [n, item] of items.entries()) {
        item.hidden = n >= count;
        item.classList.toggle("current", n === count - 1 && count < rows.length);
      }
  };
  const spoken = (count) =>
    columns
      .map(({ node, items }) => `${node.getAttribute("aria-label")}: ${aloud(items[count - 1])}`)
      .join(" ");
  const parts = [asked(book, sessions, language), legend(rows, t), beside].flat();
  return { parts, rows: rows.length, show, spoken };
}

function aloud(item) {
  const parts = [...item.children].filter((part) => !part.ariaHidden);
  const said = parts.map((part) => (part.querySelector("summary") ?? part).textContent.trim());
  return said.length ? said.join(". ") : item.textContent;
}
