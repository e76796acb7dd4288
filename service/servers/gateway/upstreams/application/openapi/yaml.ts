/** YAML in a module of its own: it is loaded only where a document is not JSON, and a bundle would lose the names of a CommonJS package that is loaded lazily. */
export { parse as parseYaml } from "yaml";
