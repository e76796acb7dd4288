export { headerValue as encodeHeaderValue } from "../../../../runtime/hot-path/header-text.ts";
