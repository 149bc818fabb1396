"""The Adobe Experience Platform room: its expression language, and the segmentation API around it."""
