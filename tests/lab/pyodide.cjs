// Runs a Python program in Pyodide: `node pyodide.cjs REPOSITORY`, the program on standard input.
// The repository is at /repo, and nothing is installed. Ends with 3 where there is no Pyodide.
const { readFileSync } = require("node:fs");

let pyodide;
try {
  pyodide = require("pyodide");
} catch (error) {
  console.error(error);
  process.exit(error.code === "MODULE_NOT_FOUND" ? 3 : 1);
}
pyodide
  .loadPyodide()
  .then((python) => {
    python.FS.mkdirTree("/repo");
    python.mountNodeFS("/repo", process.argv[2]);
    python.runPython("import sys; sys.dont_write_bytecode = True; sys.path.insert(0, '/repo')");
    python.runPython(readFileSync(0, "utf8"));
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
