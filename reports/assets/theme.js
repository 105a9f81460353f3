// Sets the chosen theme before anything is painted.
(() => {
  "use strict";
  try {
    const theme = localStorage.getItem("refutable-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage can be forbidden for pages on disk; the system's theme is used then.
  }
})();
