// Swagger UI, and signing in above it. A file of its own: the content security policy allows no script inside a page.
"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const app = new URL("..", document.currentScript.src).pathname; // where the application is on its host
const byId = (id) => document.getElementById(id);

function followColorScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches); // Swagger UI's own name for it
}

async function showAccount() {
  const answer = await fetch(`${app}api/auth/me`);
  byId("sign-in").hidden = answer.ok;
  byId("signed-in").hidden = !answer.ok;
  byId("email").textContent = answer.ok ? (await answer.json()).email : "";
}

// The session cookie comes with the answer, and the browser sends it with every operation that is tried.
async function call(path, body) {
  byId("problem").textContent = "";
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) byId("problem").textContent = (await answer.json()).message;
    await showAccount();
  } catch {
    byId("problem").textContent = "The server cannot be reached.";
  }
}

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  await call(`${app}api/auth/login`, Object.fromEntries(new FormData(form)));
  form.elements.password.value = "";
});
byId("sign-out").addEventListener("click", () => call(`${app}api/auth/logout`));

// Its own dialog for credentials is left out, since no script can set this cookie; so is a choice among one server.
const nothing = () => () => null;
const leftOut = { authorizeBtn: nothing, authorizeOperationBtn: nothing, ServersContainer: nothing };
const withoutUnused = () => ({ wrapComponents: leftOut });

followColorScheme();
dark.addEventListener("change", followColorScheme);
showAccount();

window.ui = window.SwaggerUIBundle({
  url: `${app}openapi.json`,
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  syntaxHighlight: { theme: "tomorrow-night" }, // the usual one is hard to read
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [withoutUnused],
  responseInterceptor: (answer) => {
    if (answer.url.includes("/api/auth/")) showAccount(); // one of the operations signs in, another one out
    return answer;
  },
  validatorUrl: null, // would ask another host
});
