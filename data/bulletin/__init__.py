"""The half-monthly bulletin (半月通报): its figures, its versions, when it is made and to whom it is sent."""
