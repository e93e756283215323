// Keeps the page for when there is no network. The build names itself and its files above this: BUILD and FILES.
const CACHE = `acklab-${BUILD}`;
const home = new URL("./", location);
const kept = new Set(FILES.map((file) => new URL(file, home).href));
const PATIENCE_MS = 4_000;

// A page of another build would name files that are not kept here: then this try ends, and a later one begins anew.
const keep = async () => {
  const page = await fetch(home, { cache: "reload" });
  if (!page.ok || !(await page.clone().text()).includes(BUILD)) throw new Error("another build");
  const cache = await caches.open(CACHE);
  await cache.addAll([...kept]);
  await cache.put(home, page);
};

// The network's page comes first, so that a new build is taken with the next load.
const page = async (request) => {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) return answer;
  } catch {
    // Without network, what is kept is shown.
  }
  return (await caches.match(home, { cacheName: CACHE })) ?? Response.error();
};

const file = async (request) =>
  (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);

const dropOthers = async () => {
  const others = (await caches.keys()).filter((name) => name.startsWith("acklab-") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
};

// The next build waits until no page of this one is open: an open page may still ask for its files.
addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, href } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const isPage = [home.pathname, `${home.pathname}index.html`].includes(pathname);
  if (request.mode === "navigate" && isPage) event.respondWith(page(request));
  else if (kept.has(href)) event.respondWith(file(request));
});
