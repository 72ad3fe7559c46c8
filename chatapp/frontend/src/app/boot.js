// Runs before the first paint: sets the chosen theme and language, the kind of page and the state of the sidebar on
// <html>. Then it starts the scripts, or says that the browser is too old for them. Older browsers must be able to read
// it, so it is plain ES5.
(function () {
  var LANGUAGES = ["en", "de"];
  var root = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function stored(name) {
    try {
      return localStorage.getItem("chatapp:" + name);
    } catch (error) {
      return null; // storage may be disabled: the system's choice applies
    }
  }
  function paint() {
    var choice = stored("theme");
    var theme = choice === "dark" || choice === "light" ? choice : dark.matches ? "dark" : "light";
    root.dataset.theme = theme;
    var meta = document.querySelector('meta[name="theme-color"]');
    if (meta) meta.content = theme === "dark" ? "#141816" : "#f7f5f0";
  }
  // The chosen language, else the browser's first that the page knows.
  [stored("language") || ""].concat(navigator.languages || []).some(function (name) {
    var language = name.split(/[-_]/)[0].toLowerCase();
    if (LANGUAGES.indexOf(language) < 0) return false;
    root.lang = language;
    return true;
  });
  // Safari 16.4, Firefox 115 and Chrome 109, which the scripts are built for, have all of this.
  if (
    !("inert" in HTMLElement.prototype) ||
    !window.CSS ||
    !CSS.supports("height", "1dvh") ||
    !HTMLScriptElement.supports ||
    !HTMLScriptElement.supports("importmap")
  ) {
    document.addEventListener("DOMContentLoaded", function () {
      document.querySelector(".too-old").hidden = false;
    });
    return;
  }
  paint();
  var script = document.currentScript;
  var src = script.dataset.script;
  var app = src ? new URL("..", script.src).pathname : "/"; // where the application is on its host
  root.dataset.page = location.pathname.slice(app.length).split("/")[0] || "new";
  root.dataset.sidebar = stored("sidebar") || "open";
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("chatapp:theme", paint);

  // The main script starts once the skeleton has been painted, so that it does not delay that. It starts at once where
  // there is no skeleton, and after a moment in a hidden tab, where nothing is painted.
  var started = false;
  function start() {
    if (started) return;
    started = true;
    var main = document.createElement("script"); // unlike import(), the page's load event waits for it
    main.type = "module";
    main.src = src;
    main.onerror = failed;
    document.head.append(main);
  }
  // The page would show its frame for ever where a script is missing, or ends before it has rendered anything.
  function failed() {
    if (document.getElementById("root").hasChildNodes()) return;
    var notice = document.getElementById("failed");
    notice.hidden = false;
    notice.onclick = function (event) {
      if (event.target.closest("button")) location.reload();
    };
  }
  function whenPainted() {
    if (!document.querySelector(".skeleton")) return start();
    new PerformanceObserver(function (list) {
      if (list.getEntriesByName("first-contentful-paint").length) start();
    }).observe({ type: "paint", buffered: true });
    setTimeout(start, 300);
  }
  if (!src) return; // while it is developed, the page is not built
  addEventListener("DOMContentLoaded", whenPainted);
  addEventListener("error", failed);
  addEventListener("unhandledrejection", failed);
})();
