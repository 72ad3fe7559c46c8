// Runs before the first paint: puts on <html> the chosen theme and language, the kind of page, and whether the sidebar
// is closed. Then the programs begin.
(function () {
  var LANGUAGES = ["en", "de"];
  var root = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function stored(name) {
    try {
      return localStorage.getItem("chatapp:" + name);
    } catch {
      return null; // storage may be switched off: the system's choice holds
    }
  }
  function paint() {
    var choice = stored("theme") || "system";
    var theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.theme = theme;
    var meta = document.querySelector('meta[name="theme-color"]');
    if (meta) meta.content = theme === "dark" ? "#141816" : "#f7f5f0";
  }
  paint();
  // The language that was chosen, else the first of the browser's that the page speaks.
  [stored("language") || ""].concat(navigator.languages).some(function (name) {
    var language = name.split("-")[0].toLowerCase();
    if (LANGUAGES.indexOf(language) < 0) return false;
    root.lang = language;
    return true;
  });
  root.dataset.page = location.pathname.split("/")[1] || "new";
  root.dataset.sidebar = stored("sidebar") || "open";
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("chatapp:theme", paint);

  // The programs begin when the frame of the page is to be seen, so that nobody waits for them to see it. Where there is
  // none they begin at once, and where nobody looks, so that nothing is painted, a moment later.
  var program = document.currentScript.dataset.program;
  var begun = false;
  function begin() {
    if (begun) return;
    begun = true;
    var script = document.createElement("script"); // unlike import(), the page's load event waits for it
    script.type = "module";
    script.src = program;
    document.head.append(script);
  }
  function whenPainted() {
    if (!document.querySelector(".early")) return begin();
    new PerformanceObserver(function (seen) {
      if (seen.getEntriesByName("first-contentful-paint").length) begin();
    }).observe({ type: "paint", buffered: true });
    setTimeout(begin, 300);
  }
  if (program) addEventListener("DOMContentLoaded", whenPainted);
})();
