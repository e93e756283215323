// Starts the page's program. Everything else is Rust.
import init from "./acklab.js";

init({ module_or_path: new URL("acklab_bg.wasm", import.meta.url) }).catch((error) => {
  const message = document.createElement("p");
  message.id = "boot-error";
  message.setAttribute("role", "alert");
  message.textContent = `acklab could not start: ${error}`;
  document.body.prepend(message);
  throw error;
});
