// Asks the endpoint that is the first argument for its collections and for one that is missing,
// with version 3 of the AWS SDK for JavaScript and with version 2.

import {
  DescribeCollectionCommand,
  ListCollectionsCommand,
  RekognitionClient,
} from "@aws-sdk/client-rekognition";
import AWS from "aws-sdk";

const endpoint = process.argv[2];
const nowhere = { CollectionId: "nowhere" };

const third = new RekognitionClient({ endpoint, maxAttempts: 1 });
const second = new AWS.Rekognition({ endpoint, maxRetries: 0 });

console.log(
  JSON.stringify({
    v3: {
      listed: (await third.send(new ListCollectionsCommand({}))).CollectionIds,
      missing: await third.send(new DescribeCollectionCommand(nowhere)).catch(({ name }) => name),
    },
    v2: {
      listed: (await second.listCollections().promise()).CollectionIds,
      missing: await second.describeCollection(nowhere).promise().catch(({ code }) => code),
    },
  }),
);
