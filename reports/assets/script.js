// Filter, sort, theme, copy. Every page is complete without it.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  // --- theme -------------------------------------------------------------------------------

  const THEMES = ["system", "light", "dark"];

  function setUpTheme(button) {
    if (!button) return;
    const root = document.documentElement;
    const show = () => { button.textContent = `Theme: ${root.dataset.theme ?? "system"}`; };
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = THEMES.indexOf(root.dataset.theme ?? "system");
      const next = THEMES[(now + 1) % THEMES.length];
      if (next === "system") delete root.dataset.theme;
      else root.dataset.theme = next;
      try { localStorage.setItem("refutable-theme", next); } catch { /* not allowed on disk */ }
      show();
    });
    show();
  }

  // --- filter and sort; the state lives in the address -------------------------------------

  function setUpTable(table, form) {
    if (!table || !form) return;
    const body = table.tBodies[0];
    const rows = all("tr", body);
    rows.forEach((row, place) => { row.dataset.place = place; });
    const fields = all("input, select", form);
    const headers = all("th[data-key]", table.tHead);
    let sorting = "";

    const state = () => {
      const found = new URLSearchParams();
      for (const field of fields) if (field.value) found.set(field.name, field.value);
      if (sorting) found.set("sort", sorting);
      return found;
    };

    const fits = (row, wanted) => {
      for (const [name, value] of wanted) {
        if (name === "sort") continue;
        if (name === "q") {
          const text = `${row.dataset.text} ${row.textContent.toLowerCase()}`;
          if (!value.toLowerCase().split(/\s+/).every((word) => text.includes(word))) return false;
        } else if (row.dataset[name] !== value) return false;
      }
      return true;
    };

    const filter = () => {
      const wanted = state();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !fits(row, wanted);
        shown += row.hidden ? 0 : 1;
      }
      const claims = (n) => `${n} ${n === 1 ? "claim" : "claims"}`;
      one("[data-shown]").textContent =
        shown === rows.length ? claims(shown) : `${shown} of ${claims(rows.length)}`;
      one("[data-nothing]").hidden = shown > 0;
    };

    const keyOf = (row, header) => {
      const { key, kind } = header.dataset;
      if (kind === "number") return Number(row.dataset[key]);
      if (kind === "cell") return row.cells[header.cellIndex].textContent.trim().toLowerCase();
      return row.dataset[key];
    };

    const sort = () => {
      const down = sorting.startsWith("-");
      const name = sorting.replace(/^-/, "");
      const header = headers.find((each) => each.dataset.key === name);
      const compare = (a, b) => {
        const [x, y] = [keyOf(a, header), keyOf(b, header)];
        const order = typeof x === "number" ? x - y : x.localeCompare(y, "en");
        return (down ? -order : order) || a.dataset.place - b.dataset.place;
      };
      const ordered = header ? [...rows].sort(compare) : rows;
      body.append(...ordered);
      for (const each of headers) {
        if (each !== header) each.removeAttribute("aria-sort");
        else each.setAttribute("aria-sort", down ? "descending" : "ascending");
      }
    };

    const remember = () => {
      const text = state().toString();
      history.replaceState(null, "", text ? `#${text}` : "#");
      for (const link of all("[data-keeps-filter-in]")) {
        const [path, anchor] = link.getAttribute("href").split("#");
        const page = path.split("?")[0];
        link.setAttribute("href",
          page + (text ? `?back=${encodeURIComponent(text)}` : "") + (anchor ? `#${anchor}` : ""));
      }
    };

    const recall = () => {
      const stored = new URLSearchParams(location.hash.slice(1));
      for (const field of fields) field.value = stored.get(field.name) ?? "";
      sorting = stored.get("sort") ?? "";
      filter();
      sort();
      remember();
    };

    for (const header of headers) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      header.replaceChildren(button);
      button.addEventListener("click", () => {
        const { key } = header.dataset;
        sorting = sorting === key ? `-${key}` : sorting === `-${key}` ? "" : key;
        sort();
        remember();
      });
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { filter(); remember(); });
    form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, select, textarea");
      if (event.key === "/" && !typing) {
        event.preventDefault();
        one("input[type=search]", form).focus();
      }
    });
    addEventListener("hashchange", () => {
      const text = location.hash.slice(1);
      if (text.includes("=")) {
        recall();
        table.scrollIntoView?.({ block: "nearest" });
      }
    });
    const anchored = location.hash && !location.hash.includes("=");
    if (!anchored) recall();
  }

  // --- matrix: one stop for the keyboard, arrows inside -------------------------------------

  function setUpMatrix(matrix, says) {
    if (!matrix) return;
    const cells = all(".m-cell", matrix);
    const rows = all(".m-cells", matrix).map((row) => all(".m-cell", row));
    const rest = (cell) => {
      for (const each of cells) each.tabIndex = each === cell ? 0 : -1;
    };
    const tell = (cell) => {
      says.textContent = cell.getAttribute("aria-label");
      says.hidden = false;
      const box = cell.getBoundingClientRect();
      const room = document.documentElement.clientWidth - says.offsetWidth - 8;
      says.style.left = `${Math.max(8, Math.min(box.left, room)) + scrollX}px`;
      says.style.top = `${box.bottom + scrollY + 6}px`;
    };
    const quiet = () => { says.hidden = true; };
    const beside = (cell, key) => {
      const row = rows.findIndex((each) => each.includes(cell));
      const place = rows[row].indexOf(cell);
      if (key === "ArrowRight") return cells[cells.indexOf(cell) + 1];
      if (key === "ArrowLeft") return cells[cells.indexOf(cell) - 1];
      if (key === "Home") return rows[row][0];
      if (key === "End") return rows[row].at(-1);
      const next = rows[row + (key === "ArrowDown" ? 1 : -1)];
      return next && next[Math.min(place, next.length - 1)];
    };
    rest(cells[0]);
    matrix.addEventListener("keydown", (event) => {
      const cell = event.target.closest(".m-cell");
      if (event.key === "Escape") quiet();
      if (!cell || !/^(Arrow|Home|End)/.test(event.key)) return;
      event.preventDefault();
      beside(cell, event.key)?.focus();
    });
    matrix.addEventListener("focusin", (event) => {
      const cell = event.target.closest(".m-cell");
      if (cell) { rest(cell); tell(cell); } else quiet();
    });
    matrix.addEventListener("focusout", quiet);
    matrix.addEventListener("mouseover", (event) => {
      const cell = event.target.closest(".m-cell");
      if (cell) tell(cell); else quiet();
    });
    matrix.addEventListener("mouseleave", quiet);
  }

  // --- small things ------------------------------------------------------------------------

  function keepFilter() {
    const back = new URLSearchParams(location.search).get("back");
    if (!back) return;
    for (const link of all("a[data-keeps-filter]")) {
      link.setAttribute("href", `${link.getAttribute("href").split("#")[0]}#${back}`);
    }
  }

  function duration(seconds) {
    if (seconds < 100) return `${Number(seconds.toPrecision(2))} s of computing`;
    return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s of computing`;
  }

  function showCosts() {
    const costs = window.refutableCosts ?? {};
    for (const place of all("[data-cost]")) {
      const cost = Object.hasOwn(costs, place.dataset.cost) ? costs[place.dataset.cost] : null;
      place.textContent = cost ? duration(cost.seconds) : "not recorded";
    }
  }

  function setUpCopy() {
    for (const button of all("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const source = document.getElementById(button.dataset.copy);
        try {
          await navigator.clipboard.writeText(source.innerText);
          button.textContent = "Copied";
        } catch {
          getSelection().selectAllChildren(source);
          button.textContent = "Selected";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
    }
  }

  // What used to be filtered on the first page is a page of its own.
  if (one("[data-matrix]") && /^#.*=/.test(location.hash)) {
    location.replace(`claims.html${location.hash}`);
  }
  setUpMatrix(one("[data-matrix]"), one("[data-matrix-says]"));
  setUpTheme(one("[data-theme-button]"));
  setUpTable(one("[data-claims]"), one("[data-filters]"));
  keepFilter();
  showCosts();
  setUpCopy();
})();
