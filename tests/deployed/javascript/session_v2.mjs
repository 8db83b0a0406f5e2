// A session of a program with version 2 of the AWS SDK for JavaScript, by callbacks and by
// promises. Arguments: the directory of the photos, the collection to use, and the endpoint, which
// this SDK does not take from its environment. The replies go to stdout as JSON, for the test.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import AWS from "aws-sdk";

const [photos, CollectionId, endpoint] = process.argv.slice(2);
const client = new AWS.Rekognition({ endpoint, maxRetries: 1 });
const image = (name) => ({ Bytes: readFileSync(join(photos, name)) });
const here = Object.freeze({ CollectionId });

const told = {};

told.created = await new Promise((resolve, reject) => {
  client.createCollection(here, function (error, reply) {
    error ? reject(error) : resolve({ ...reply, requestId: this.requestId });
  });
});
told.createdAtIsADate =
  (await client.describeCollection(here).promise()).CreationTimestamp instanceof Date;

told.indexed = {};
for (const name of ["obama", "biden"]) {
  const request = { ...here, Image: image(`${name}.jpg`), ExternalImageId: name, MaxFaces: 1 };
  const reply = await client.indexFaces(request).promise();
  told.indexed[name] = reply.FaceRecords[0].Face.FaceId;
}

told.found = await client
  .searchFacesByImage({ ...here, Image: image("obama2.jpg"), FaceMatchThreshold: 95 })
  .promise();
told.compared = await client
  .compareFaces({ SourceImage: image("obama.jpg"), TargetImage: image("biden.jpg") })
  .promise();

told.listed = [];
await new Promise((resolve, reject) => {
  client.listFaces({ ...here, MaxResults: 1 }).eachPage((error, page) => {
    if (error) reject(error);
    else if (page === null) resolve();
    else told.listed.push(page.Faces.map((face) => face.FaceId));
  });
});

told.errors = {};
for (const [label, operation, request] of [
  ["exists", "createCollection", here],
  ["missing", "describeCollection", { CollectionId: "nowhere" }],
  ["noPicture", "detectFaces", { Image: { Bytes: Buffer.from("text") } }],
  ["invalid", "createCollection", { CollectionId: "two words" }],
]) {
  told.errors[label] = await new Promise((resolve) => {
    client[operation](request, (error) => {
      const { code, message, statusCode, requestId, retryable } = error ?? {};
      resolve({ code, message, statusCode, requestId, retryable });
    });
  });
}

told.deleted = await client.deleteCollection(here).promise();

console.log(JSON.stringify(told));
