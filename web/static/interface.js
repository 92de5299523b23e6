"use strict";
// The page of the interface: Swagger UI over the service's own description, asking nothing of anybody else.
window.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("wg-interface");
  window.SwaggerUIBundle({
    url: box.dataset.description, domNode: box, validatorUrl: null, deepLinking: true, docExpansion: "list",
    defaultModelsExpandDepth: -1, onComplete: () => (document.documentElement.dataset.ready = "interface"),
  });
});
