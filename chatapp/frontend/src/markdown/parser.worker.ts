/** Reads what would take the page too long. It is ended from outside where it takes too long itself. */
import { treeOf, type Job } from "./tree";

self.onmessage = ({ data }: MessageEvent<Job>) => {
  self.postMessage("ready");
  self.postMessage(treeOf(data));
};
