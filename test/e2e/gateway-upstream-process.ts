/** One modern server of the SDK in a process of its own: `node gateway-upstream-process.ts <host> <port> [<file that counts>]`. */
import { startSdkUpstream } from "./gateway-upstreams.ts";

const [host = "127.0.0.1", port = "0", countFile] = process.argv.slice(2);
const upstream = await startSdkUpstream("modern", { host, port: Number(port), countFile });
console.log(JSON.stringify({ msg: "ready", port: upstream.port }));
