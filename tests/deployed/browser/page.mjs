// A page that enrols people and searches for them with the AWS SDK for JavaScript, unmodified. The
// search is the program of docs/getting-started.md. Each form shows a reply with its request id, or
// an error with its class and the gateway's or the function's own word for it.

import {
  CreateCollectionCommand,
  DescribeCollectionCommand,
  IndexFacesCommand,
  RekognitionClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-rekognition";

import { whoIsThis } from "getting-started";

const show = (id, text) => {
  document.getElementById(id).value = text;
};
const deployment = () => Object.fromEntries(new FormData(document.getElementById("deployment")));

function client() {
  const { endpoint, region, signingName, ...credentials } = deployment();
  return new RekognitionClient({ endpoint, region, signingName, credentials, maxAttempts: 1 });
}

const actions = {
  async enrol({ name, photo }) {
    const rekognition = client();
    const CollectionId = "staff";
    await rekognition.send(new CreateCollectionCommand({ CollectionId }));
    const Image = { Bytes: new Uint8Array(await photo.arrayBuffer()) };
    const reply = await rekognition.send(
      new IndexFacesCommand({ CollectionId, Image, ExternalImageId: name }),
    );
    show("request", reply.$metadata.requestId);
    return `${reply.FaceRecords.length} face of ${name}`;
  },

  async search({ photo }) {
    return (await whoIsThis(photo, deployment())) ?? "nobody";
  },

  async look({ collection }) {
    const reply = await client().send(new DescribeCollectionCommand({ CollectionId: collection }));
    return `${reply.FaceCount} faces`;
  },
};

function explain(error) {
  show("request", error.$metadata?.requestId ?? "");
  return JSON.stringify({
    name: error.name,
    isOfItsClass: error instanceof ResourceNotFoundException,
    status: error.$metadata?.httpStatusCode ?? null,
    header: error.$response?.headers["x-amzn-errortype"] ?? null,
  });
}

for (const [id, action] of Object.entries(actions)) {
  document.getElementById(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const each of ["answer", "request", "error"]) show(each, "");
    const given = Object.fromEntries(new FormData(event.target));
    try {
      show("answer", await action(given));
    } catch (error) {
      show("error", explain(error));
    }
  });
}
