// Starts the page's program in the page that holds all of it: nothing is fetched, so it opens from a disk, too.
globalThis.acklab = { exports, rest: (then) => then?.(), chinese: (then) => then() };

const start = async () => {
  const packed = atob(document.getElementById("program").textContent);
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const program = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  await __wbg_init({ module_or_path: await new Response(program).arrayBuffer() });
};

start().catch((error) => {
  const message = document.createElement("p");
  message.id = "boot-error";
  message.setAttribute("role", "alert");
  message.textContent = `acklab could not start: ${error}`;
  document.body.prepend(message);
  throw error;
});
