"use strict";
// Filters and sorts the rows that are in the page. Text goes in as text only, and nothing is fetched.
(() => {
  const MOST = 500;
  const table = document.getElementById("table");
  const form = document.getElementById("filters");
  if (!table || !form) return;
  const said = document.getElementById("said");
  const more = document.getElementById("more");
  const { search, severity, rule, namespace } = form.elements;
  const number = new Intl.NumberFormat("en");
  const rows = Array.from(table.querySelectorAll("tbody tr"));
  const text = (row, column) => row.cells[column].textContent;
  let order = rows;
  let limit = MOST;
  let words = null;

  const matching = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    // Read once, when somebody searches.
    if (wanted.length > 0 && !words) words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    return order.filter((row) =>
      (!severity.value || row.className === severity.value) &&
      (!rule.value || text(row, 1) === rule.value) &&
      (!namespace.value || text(row, 2) === namespace.value) &&
      wanted.every((word) => words.get(row).includes(word)));
  };

  const show = () => {
    const found = matching();
    const shown = new Set(found.slice(0, limit));
    for (const row of rows) {
      const hide = !shown.has(row);
      if (row.hidden !== hide) row.hidden = hide;
    }
    const of = found.length === rows.length ? "" : ` of ${number.format(rows.length)}`;
    const part = shown.size < found.length ? `; the first ${number.format(shown.size)} are shown` : "";
    said.textContent = `${number.format(found.length)}${of} ${rows.length === 1 ? "finding" : "findings"}${part}`;
    more.hidden = shown.size === found.length;
  };

  const again = () => {
    limit = MOST;
    show();
  };

  const sort = (column, downwards) => {
    const rank = { high: "2", medium: "1", low: "0" };
    const key = (row) => (column === 0 ? rank[row.className] : text(row, column).toLowerCase());
    const keys = new Map(order.map((row) => [row, key(row)]));
    const compare = (left, right) => {
      const [one, other] = [keys.get(left), keys.get(right)];
      return (one < other ? -1 : one > other ? 1 : 0) * (downwards ? -1 : 1);
    };
    order = order.slice().sort(compare);
    const all = document.createDocumentFragment();
    for (const row of order) all.append(row);
    table.tBodies[0].append(all);
    Array.from(table.tHead.rows[0].cells).forEach((cell, index) => {
      if (index === column) cell.setAttribute("aria-sort", downwards ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    show();
  };

  const choices = (select, all) => {
    for (const [name, count] of all) {
      const choice = document.createElement("option");
      choice.value = name;
      choice.textContent = `${name} (${number.format(count)})`;
      select.append(choice);
    }
  };

  const facets = JSON.parse(document.getElementById("facets").textContent);
  choices(rule, facets.rules);
  choices(namespace, facets.namespaces);

  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.addEventListener("click", () => {
      const up = cell.getAttribute("aria-sort") === "ascending";
      // The worst first, names from A to Z.
      sort(column, cell.hasAttribute("aria-sort") ? up : column === 0);
    });
    cell.replaceChildren(button);
  });

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", again);
  form.addEventListener("reset", () => setTimeout(again));
  more.addEventListener("click", () => {
    limit = Infinity;
    show();
  });
  document.querySelectorAll("a[data-rule]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      rule.value = link.dataset.rule;
      namespace.value = link.dataset.namespace || "";
      again();
      document.getElementById("findings").scrollIntoView();
      search.focus({ preventScroll: true });
    });
  });

  form.hidden = false;
  show();
  table.querySelectorAll(".waiting").forEach((body) => body.classList.remove("waiting"));
})();
