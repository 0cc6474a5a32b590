/// The page at `/docs`: shows `/openapi.json` in a browser. One file, nothing loaded from elsewhere, so that it works without a network.
enum DocumentationPage {
    static let html = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>lyrica-vectord API</title>
        <style>
        \#(style)
        </style>
        </head>
        <body>
        <header>
          <h1>lyrica-vectord</h1>
          <p id="summary">Loading the API description…</p>
          <input id="filter" type="search" placeholder="Filter by path, summary or tag" aria-label="Filter">
        </header>
        <main id="content"></main>
        <script>
        \#(script)
        </script>
        </body>
        </html>
        """#

    private static let style = #"""
        :root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6579; --paper: #f7f8fa; --card: #fff; --line: #dde1e8; --code: #f0f2f6;
          --get: #1c6fb8; --post: #1e7f4a; --put: #9a6200; --patch: #7b4fb0; --delete: #b3362c; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e3e7ef; --soft: #9aa5b8; --paper: #12151b; --card: #1a1e26; --line: #2d3440; --code: #232935;
            --get: #6db3f2; --post: #5ccb8d; --put: #e0ac4a; --patch: #b892ea; --delete: #f0837a; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        header, main { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
        header { padding-top: 2rem; }
        h1 { margin: 0; font-size: 1.6rem; }
        h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
        #summary { white-space: pre-line; color: var(--soft); margin: .5rem 0 1rem; }
        input { width: 100%; padding: .55rem .75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
        details { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; }
        summary { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline; padding: .5rem .75rem; cursor: pointer; list-style: none; }
        summary::-webkit-details-marker { display: none; }
        .method { font: 600 .8rem/1.4 ui-monospace, monospace; min-width: 4rem; text-transform: uppercase; }
        .get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
        .path { font: .9rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
        .what { color: var(--soft); }
        .body { padding: .25rem .9rem .9rem; border-top: 1px solid var(--line); }
        .body h3 { margin: .9rem 0 .3rem; font-size: .9rem; color: var(--soft); }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        td { padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line); vertical-align: top; }
        tr:first-child td { border-top: 0; }
        code, pre { font: .85rem/1.5 ui-monospace, monospace; }
        pre { margin: 0; padding: .6rem .75rem; background: var(--code); border-radius: .4rem; overflow-x: auto; }
        """#

    private static let script = #"""
        const element = (name, attributes = {}, ...children) => {
          const made = document.createElement(name);
          for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
          made.append(...children.filter(child => child !== null));
          return made;
        };
        let description;
        const resolve = schema => schema && schema.$ref ? description.components.schemas[schema.$ref.split("/").pop()] : schema;

        // Text with `code` between backticks.
        const rich = text => text.split("`").map((part, index) => index % 2 ? element("code", {}, part) : part);

        // A schema in the short form people read: field names with types, nested.
        const typeText = (schema, indent = "", depth = 0) => {
          if (!schema) return "any";
          if (schema.$ref && depth > 3) return schema.$ref.split("/").pop();
          schema = resolve(schema);
          if (schema.oneOf) return schema.oneOf.map(part => typeText(part, indent, depth + 1)).join(" | ");
          if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(" | ");
          const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type;
          if (schema.properties) {
            const inner = indent + "  ";
            const fields = Object.entries(schema.properties).map(([name, value]) => {
              const optional = (schema.required || []).includes(name) ? "" : "?";
              const note = resolve(value).description ? "   // " + resolve(value).description : "";
              return inner + name + optional + ": " + typeText(value, inner, depth + 1) + note;
            });
            return "{\n" + fields.join("\n") + "\n" + indent + "}";
          }
          if (schema.additionalProperties) return "{ key: " + typeText(schema.additionalProperties, indent, depth + 1) + " }";
          if (schema.items) {
            const items = typeText(schema.items, indent, depth + 1);
            return items.includes("|") ? "[" + items + ", …]" : items + "[]";
          }
          return (type || "any") + (schema.format ? " (" + schema.format + ")" : schema.contentEncoding ? " (" + schema.contentEncoding + ")" : "");
        };

        const schemaBlock = content => {
          const [type, media] = Object.entries(content)[0];
          const schema = resolve(media.schema);
          const text = (schema.description ? "// " + schema.description + "\n" : "") + typeText(media.schema);
          return element("pre", {}, type === "application/json" ? text : type);
        };

        const operationCard = (path, method, operation) => {
          const body = element("div", { class: "body" });
          if (operation.description) body.append(element("p", {}, ...rich(operation.description)));
          if (operation.parameters) {
            body.append(element("h3", {}, "Parameters"), element("table", {}, element("tbody", {}, ...operation.parameters.map(parameter =>
              element("tr", {}, element("td", {}, element("code", {}, parameter.name)), element("td", {}, parameter.in),
                element("td", {}, element("code", {}, typeText(parameter.schema))), element("td", {}, ...rich(parameter.description || "")))))));
          }
          if (operation.requestBody) body.append(element("h3", {}, "Request"), schemaBlock(operation.requestBody.content));
          for (const [status, response] of Object.entries(operation.responses)) {
            body.append(element("h3", {}, (status === "default" ? "Otherwise" : status) + ": " + response.description), schemaBlock(response.content));
          }
          return element("details", {},
            element("summary", {}, element("span", { class: "method " + method }, method), element("span", { class: "path" }, path),
              element("span", { class: "what" }, operation.summary)),
            body);
        };

        const show = words => {
          const content = document.getElementById("content");
          content.replaceChildren();
          for (const tag of description.tags.map(tag => tag.name)) {
            const cards = [];
            for (const [path, operations] of Object.entries(description.paths)) {
              for (const [method, operation] of Object.entries(operations)) {
                const text = (method + " " + path + " " + operation.summary + " " + tag).toLowerCase();
                if (operation.tags[0] === tag && words.every(word => text.includes(word))) cards.push(operationCard(path, method, operation));
              }
            }
            if (cards.length) content.append(element("h2", {}, tag), ...cards);
          }
        };

        const filter = document.getElementById("filter");
        filter.addEventListener("input", () => { if (description) show(filter.value.toLowerCase().split(/\s+/).filter(Boolean)); });
        const summary = document.getElementById("summary");
        fetch("/openapi.json").then(response => response.json()).then(loaded => {
          description = loaded;
          summary.replaceChildren(...rich(loaded.info.summary + " Version " + loaded.info.version + ".\n" + loaded.info.description));
          show([]);
        }).catch(error => { summary.textContent = "The API description could not be loaded: " + error; });
        """#
}
