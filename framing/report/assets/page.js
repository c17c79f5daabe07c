"use strict";
// The report's page: sorting, filtering, sentences. Foreign text is only ever set as text.

const $ = (id) => document.getElementById(id);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function say(text) {
  $("said").textContent = text;
}

// --- Light and dark

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function nameTheme() {
  $("theme").textContent = isDark() ? "Light colours" : "Dark colours";
}

$("theme").hidden = false;
$("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();

// --- Sorting

function valueOf(row, column) {
  const text = row.cells[column].dataset.v ?? "";
  const number = Number(text);
  return text === "" || Number.isNaN(number) ? text : number;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortBy(table, column, order) {
  const sign = order === "ascending" ? 1 : -1;
  const body = table.tBodies[0];
  const ranked = [...body.rows].map((row, i) => ({
    row, i, value: valueOf(row, column), last: "last" in row.dataset,
  }));
  ranked.sort((a, b) => {
    if (a.last !== b.last) return a.last ? 1 : -1;
    if ((a.value === "") !== (b.value === "")) return a.value === "" ? 1 : -1;
    return sign * compare(a.value, b.value) || a.i - b.i;
  });
  body.append(...ranked.map(({ row }) => row));
  all("thead th", table).forEach((head, i) => {
    head.setAttribute("aria-sort", i === column ? order : "none");
  });
  if (table.id === "mix-table") followOrder(body);
  narrow(table);
}

// The bars stand in the order of the mix.
function followOrder(body) {
  const bars = $("bars")?.tBodies[0];
  if (!bars) return;
  const bySource = new Map([...bars.rows].map((row) => [row.dataset.source, row]));
  for (const row of body.rows) {
    const bar = bySource.get(row.dataset.source);
    if (bar) bars.append(bar);
  }
}

for (const table of all("table.sortable")) {
  all("thead th", table).forEach((head, column) => {
    const button = head.querySelector("button");
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const first = button.dataset.first;
      const other = first === "ascending" ? "descending" : "ascending";
      const order = now === first ? other : first;
      sortBy(table, column, order);
      say(`Sorted by ${button.textContent}, ${order}.`);
    });
  });
}

// --- Long tables: what matches, and of that the first rows until all are asked for

const opened = new Set();

function matches(row, form) {
  if (!form) return true;
  const { source, code, standing } = form.elements;
  if (source.value && !row.dataset.sources.trim().split(" ").includes(source.value)) return false;
  if (code.value && row.dataset.code !== code.value) return false;
  return !standing.checked || row.classList.contains("stands");
}

function narrow(table) {
  if (!table.classList.contains("listed")) return;
  const form = document.querySelector(`form[data-for="${table.id}"]`);
  const most = opened.has(table.id) ? Infinity : Number(table.dataset.shown);
  let n = 0;
  for (const row of table.tBodies[0].rows) {
    const fits = matches(row, form);
    if (fits) n += 1;
    row.hidden = !fits || n > most;
  }
  const button = document.querySelector(`button[data-more="${table.id}"]`);
  button.parentElement.hidden = n <= most;
  button.textContent = `Show all ${n}`;
  return n;
}

for (const table of all("table.listed")) {
  const form = document.querySelector(`form[data-for="${table.id}"]`);
  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => say(`${narrow(table)} differences.`));
  }
  document.querySelector(`button[data-more="${table.id}"]`).addEventListener("click", () => {
    const next = all("tbody tr[hidden] th", table)[0];
    opened.add(table.id);
    narrow(table);
    next.tabIndex = -1;
    next.focus();
  });
  narrow(table);
}

// --- Outlets with too little text, where they are many

if ($("few")) {
  const few = all("#mix-table .few, #bars .few");
  for (const row of few) row.hidden = true;
  $("few").hidden = false;
  $("few").querySelector("button").addEventListener("click", () => {
    for (const row of few) row.hidden = false;
    $("few").hidden = true;
    const next = few[0].querySelector("th");
    next.tabIndex = -1;
    next.focus();
  });
}

// --- Over time: one code at a time

function showCode(code) {
  for (const panels of all(".panels")) panels.hidden = panels.dataset.code !== code;
}

const tabs = document.querySelector(".tabs");
if (tabs) {
  tabs.hidden = false;
  tabs.addEventListener("change", (event) => showCode(event.target.value));
  showCode(tabs.querySelector("input:checked").value);
}

// --- The evidence

const PAGE = 12;
const found = { cards: [], shown: 0 };
let evidence;

function chosen(name) {
  return $(`find-${name}`)?.value ?? "";
}

function wanted() {
  const words = chosen("text").toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return ({ source, code, why, targets, all: text }) =>
    (!chosen("source") || source === Number(chosen("source"))) &&
    (!chosen("code") || code === Number(chosen("code"))) &&
    (!chosen("why") || why === Number(chosen("why"))) &&
    (!chosen("target") || targets.includes(Number(chosen("target")))) &&
    words.every((word) => text.includes(word));
}

function readCard([source, code, why, targets, title, date, url, pieces, words, sum, given]) {
  const text = pieces.map((piece) => (typeof piece === "string" ? piece : piece[0])).join("");
  const everything = `${text} ${title} ${date} ${evidence.sources[source]}`.toLocaleLowerCase();
  return { source, code, why, targets, title, date, url, pieces, words, sum, given, all: everything };
}

function markedPiece(piece) {
  if (typeof piece === "string") return piece;
  const [text, step, amount] = piece;
  const kind = `${step > 0 ? "p" : "m"}${Math.abs(step)}`;
  return element("mark", { class: kind, title: amount }, text);
}

function makeCard(card) {
  const { source, code, why, title, date, url, pieces, words, sum, given } = card;
  const [base, moved, other, logOdds, score] = sum;
  const from = element("p", { class: "from" });
  if (title) {
    const name = element("bdi", {}, title);
    from.append(url ? element("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, name) : name);
  }
  if (date) from.append(title ? ", " : "", element("bdi", {}, date));
  const made = element(
    "article",
    { class: "card" },
    element(
      "header",
      {},
      element("b", {}, element("bdi", {}, evidence.sources[source])),
      element("span", { class: "score" }, "score ", element("b", {}, score)),
      element("span", {}, element("bdi", {}, evidence.codes[code]), given ? " given" : " not given"),
      element("span", { class: "score" }, evidence.whys[why]),
    ),
    element("p", { class: "text", dir: "auto" }, ...pieces.map(markedPiece)),
    from,
    element(
      "p",
      { class: "sum" },
      element("span", {}, element("b", {}, base), " base"),
      element("span", {}, element("b", {}, moved), " words"),
      element("span", {}, element("b", {}, other), " all else"),
      element("span", {}, "= ", element("b", {}, logOdds), " log-odds"),
      element("span", {}, "→ ", element("b", {}, score)),
    ),
  );
  if (words.length) {
    const list = element("ul", { class: "weights" });
    for (const [word, amount] of words) {
      list.append(element("li", {}, element("bdi", {}, word), " ", element("b", {}, amount)));
    }
    made.append(element("details", {}, element("summary", {}, "Weights of the words"), list));
  }
  return made;
}

function showMore() {
  const next = found.cards.slice(found.shown, found.shown + PAGE);
  const made = next.map(makeCard);
  $("cards").append(...made);
  found.shown += next.length;
  const left = found.cards.length - found.shown;
  $("cards-more").hidden = left === 0;
  $("found").textContent =
    found.cards.length === 0
      ? "No sentence fits. Clear a choice above."
      : `${found.shown} of ${found.cards.length} sentences that fit, of ${evidence.cards.length} in this report.`;
  return made[0];
}

function find() {
  found.cards = evidence.cards.filter(wanted());
  found.shown = 0;
  $("cards").replaceChildren();
  showMore();
}

if ($("find")) {
  evidence = JSON.parse($("evidence-data").textContent);
  evidence.cards = evidence.cards.map(readCard);
  $("find").hidden = false;
  $("find").addEventListener("submit", (event) => event.preventDefault());
  $("find").addEventListener("input", find);
  $("find-all").addEventListener("click", () => {
    $("find").reset();
    find();
  });
  $("cards-more").querySelector("button").addEventListener("click", () => {
    const first = showMore();
    first.tabIndex = -1;
    first.focus();
  });
  find();
}

// A number of the mix opens its sentences.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-source]");
  if (!link || !$("find")) return;
  $("find").reset();
  $("find-source").value = link.dataset.source;
  $("find-code").value = link.dataset.code;
  find();
  $("evidence").focus({ preventScroll: true });
});

// --- Where in the contents we are

const places = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
const inView = new Set();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) inView.add(target.id);
      else inView.delete(target.id);
    }
    const first = [...places.keys()].find((id) => inView.has(id));
    for (const [id, link] of places) {
      if (id === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },
  { rootMargin: "-10% 0px -60% 0px" },
);
for (const section of all("main > section")) watcher.observe(section);
